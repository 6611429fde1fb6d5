'use strict';

// What several scenarios need within their own process.

/** Lets the event loop turn until `done`. */
async function until(done) {
  while (!done()) await new Promise(setImmediate);
}

/**
 * Every signal's state, comparable by `===`. Without SA_RESTORER, which the C library adds to
 * whatever it writes.
 */
function stateOf(sigbridge) {
  return JSON.stringify(sigbridge.inspectAll(), (key, value) => {
    if (key === 'flags') return value.filter((flag) => flag !== 'SA_RESTORER');
    return typeof value === 'bigint' ? String(value) : value;
  });
}

/** What each attempt throws: its code, or `null` when it throws nothing. */
function codesOf(attempts) {
  return attempts.map((attempt) => {
    try {
      attempt();
      return null;
    } catch (error) {
      return error.code ?? String(error);
    }
  });
}

/** Sends a signal to this process; again when another test's flood has filled the user's queue. */
function sendSelf(sigbridge, signal, value) {
  for (;;) {
    try {
      return sigbridge.send(process.pid, signal, { value });
    } catch (error) {
      if (error.code !== 'ERR_QUEUE_FULL') throw error;
    }
  }
}

module.exports = { until, stateOf, codesOf, sendSelf };
