// What was built here, for lib/base/native/find.ts. In each package that brings a native part this file
// and the three others lie as they do in a checkout; tracers find them by these lines.
'use strict';
const path = require('node:path');

/** For `sigbridge run`. */
exports.launcher = path.join(__dirname, '../build/Release/sigbridge-run');
/** For `sigbridge trace`, on Linux. */
exports.preload = path.join(__dirname, '../build/Release/sigbridge-preload.so');
exports.load = () => require('../build/Release/sigbridge.node');
