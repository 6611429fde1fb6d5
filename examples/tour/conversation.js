'use strict';

const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { patiently } = require('./patience.js');

/** The tour's end of its talk with the program: asks for deeds, and takes the signals it tells of. */
class Conversation {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-tour-'));
  #server = net.createServer((socket) => this.#open(socket));
  #socket;
  #inbox = { started: [], done: [], event: [] };
  #failure;
  #news = new EventEmitter();

  /** Where the program finds us. */
  path = path.join(this.#folder, 'socket');

  async listen() {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  /** The program's pid, once it runs. */
  started() {
    return this.#next('started', 'the program to start');
  }

  /** What a deed of the program gives back. */
  ask(deed) {
    this.#socket.write(`${deed}\n`);
    return this.#next('done', `an answer to '${deed}'`);
  }

  /** The next signal that the program tells of. */
  event(what) {
    return this.#next('event', what);
  }

  /** How many signals it has told of that nobody has taken yet. */
  get untaken() {
    return this.#inbox.event.length;
  }

  /** Makes whoever waits fail: the program is gone. */
  fail(why) {
    this.#failure ??= why;
    this.#news.emit('news');
  }

  close() {
    this.#server.close();
    this.#socket?.destroy();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(socket) {
    this.#socket = socket;
    socket.on('close', () => this.fail('the program has hung up'));
    readline.createInterface({ input: socket }).on('line', (line) => {
      const [[kind, value]] = Object.entries(JSON.parse(line));
      if (kind === 'failed') this.fail(value);
      else this.#inbox[kind].push(value);
      this.#news.emit('news');
    });
  }

  #next(kind, what) {
    const look = async () => {
      while (this.#inbox[kind].length === 0) {
        if (this.#failure) throw new Error(`expected ${what}; ${this.#failure}`);
        await once(this.#news, 'news');
      }
      return this.#inbox[kind].shift();
    };
    return patiently(look(), () => what);
  }
}

module.exports = { Conversation };
