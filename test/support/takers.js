'use strict';

/** For a scenario: every way to take SIGHUP, by its name; each gives what has a `close()`. */
module.exports = (sigbridge) => ({
  on: () => sigbridge.on('SIGHUP', () => undefined),
  once() {
    const abort = new AbortController();
    sigbridge.once('SIGHUP', { signal: abort.signal }).catch(() => undefined);
    return { close: () => abort.abort() };
  },
  notify: () => sigbridge.notify('SIGHUP'),
  flag: () => sigbridge.flag('SIGHUP'),
  hold: () => sigbridge.hold('SIGHUP'),
  bridge: () => sigbridge.bridge('SIGHUP'),
  watchdog: () => sigbridge.watchdog(),
  prepare() {
    const registration = sigbridge.prepare();
    const subscription = registration.on('SIGHUP', () => undefined);
    registration.commit();
    return subscription;
  },
});
