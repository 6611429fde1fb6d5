// Hears one SIGUSR2, and tells who sent it.
const { parentPort } = require('node:worker_threads');
const sigbridge = require('sigbridge');

sigbridge.once('SIGUSR2', { ref: true }).then(({ pid }) => parentPort.postMessage(pid));
parentPort.postMessage('ready');
