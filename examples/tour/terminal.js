'use strict';

const { EventEmitter, once } = require('node:events');
const pty = require('node-pty');
const { patiently } = require('./patience.js');

/**
 * A command on a pseudo-terminal of its own, in a session of its own: what is typed goes through the
 * kernel's terminal driver, which turns Ctrl+C into a signal.
 */
class Terminal {
  /** All that the terminal has shown. */
  output = '';
  #pty;
  #news = new EventEmitter();

  constructor(command, env) {
    const [file, ...args] = command;
    this.#pty = pty.spawn(file, args, { cols: 100, rows: 30, env: { ...process.env, ...env } });
    this.#pty.onData((text) => {
      this.output += text;
      this.#news.emit('text');
    });
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal: signal ?? 0 }));
    });
  }

  type(keys) {
    this.#pty.write(keys);
  }

  /** Waits until `text` has been shown `count` times. */
  async shows(text, count) {
    const look = async () => {
      while (this.output.split(text).length - 1 < count) await once(this.#news, 'text');
    };
    await patiently(look(), () => `'${text}' on the terminal, which shows:\n${this.output}`);
  }

  /** Hangs up; does nothing when the command has ended. */
  close() {
    try {
      this.#pty.kill();
    } catch {
      // It has ended.
    }
  }
}

module.exports = { Terminal };
