'use strict';

// Jest on a terminal sets it for its workers; what the tests read is plain.
delete process.env['FORCE_COLOR'];
