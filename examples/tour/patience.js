'use strict';

/** Longer than anything in the tour takes on a busy machine; it only turns a hang into a message. */
const PATIENCE_MS = 20_000;

/** The value of `promise`, or an error that says what was waited for. */
async function patiently(promise, what) {
  let timer;
  const tooLong = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`expected ${what()}, and waited ${PATIENCE_MS / 1000} s in vain`));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { patiently };
