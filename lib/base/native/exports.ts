/** Where a disposition may be changed: anywhere, where nobody hears the signal, where it is ignored. */
export type Where = 0 | 1 | 2;

/** The native part, as native/binding exports it. Where a result is an errno value, 0 is success. */
export interface Addon {
  start(usesLibuv: boolean): void;
  isMainThread(): boolean;
  readonly constants: {
    readonly sigrtmin: number;
    readonly sigrtmax: number;
    /** As `os.constants.signals` has them. */
    readonly signals: Readonly<Record<string, number>>;
    readonly flags: Readonly<Record<string, number>>;
    readonly codes: Readonly<Record<string, number>>;
    readonly childCodes: Readonly<Record<string, number>>;
  };

  look(signal: number, row: BigUint64Array): number;
  chain(signal: number): { owner: number; address: bigint }[];
  handlersBelow(signal: number): { owner: number; address: bigint }[];
  describe(address: bigint): [module: string, symbol: string, offset: number];
  observed(): [ignored: bigint, blocked: bigint];
  settle(): void;

  readonly actionSize: number;
  saveAction(signal: number, bytes: Uint8Array): number;
  /** EBUSY for what `where` leaves alone; checked and done in one step, on whatever thread. */
  restoreAction(signal: number, bytes: Uint8Array, where: Where): number;
  setDefault(signal: number, where: Where): number;
  setIgnored(signal: number, where: Where): number;

  /** `deliver`: called in a turn, with how many events were collected first. */
  startDelivery(
    rows: Int32Array,
    deliver: (collected: number) => void,
    resource: { hasRef(): boolean },
  ): number;
  /**
   * `ordering`: whether a real-time signal's order is kept, 0 where no C handler is called, 1 always
   * (EBUSY where one is), 2 never.
   */
  subscribe(signal: number, wantsPrevious: boolean, ordering: 0 | 1 | 2): number;
  /**
   * The same for several signals, all or none: `wishes` has three words for each, the signal, whether it
   * wants the handler before it, and `ordering`. The first is overwritten by what stood before: 0 the
   * default, 1 an ignore, 2 a handler.
   */
  subscribeAll(wishes: Int32Array, count: number): number;
  /** 0: the order is kept, or nobody wants it; 1: not beside a C handler; 2: the main thread blocks it. */
  orderOf(signal: number): number;
  unsubscribe(signal: number): void;
  /** `words`: two 32-bit words, whether it was raised, and how often. Keep it until unsubscribed. */
  subscribeFlag(words: Int32Array, signal: number): number;
  unsubscribeFlag(words: Int32Array, signal: number): void;
  /**
   * The hold's number, or a negative errno value. Each signal is overwritten by what stood before:
   * 0 the default, 1 an ignore, 2 a handler. `giveWayAfterMs`: what arrives later, and each further
   * SIGINT, goes its usual way; 0: no such time, negative: neither.
   */
  openHold(signals: Int32Array, count: number, giveWayAfterMs: number): number;
  /** `counts`: how many it has kept in all, by signal number; 65 of them. */
  holdCounts(hold: number, counts: Uint32Array): void;
  releaseHold(hold: number, deliver: boolean, counts: Uint32Array): void;
  keepAlive(keep: boolean): void;
  collect(): number;
  deliverAgain(): void;
  /** Whether some thread has still to unblock what it was told to block, after another try. */
  collectDebts(): boolean;
  /** Somebody is about to watch this signal by `process.on`, or nobody does any more. */
  setScriptWatches(signal: number, watches: boolean): void;
  /**
   * `setScriptWatches` is called from now on; `signals`: those that are watched by now, each a bit. With
   * `announceUntilTurn`.
   */
  followScript(signals: number): void;
  /** Whether some thread has still to unblock what it was told to block. */
  leaveScript(): boolean;
  /**
   * Until the next turn, which is on its way then, `tend` is called before native code may begin to watch
   * signals through libuv. What has waited for that is done by then.
   */
  announceUntilTurn(): void;
  /** What was left for a turn of the event loop is done now. */
  tend(): void;
  /** Threads that have started since leave real-time signals to the main thread as well. */
  welcomeThreads(): void;

  /** `then`: 0 report, 1 exit, 2 abort. The watchdog's number, or a negative errno value. */
  startWatchdog(
    signals: Int32Array,
    count: number,
    afterMs: number,
    then: number,
    secondSignalExits: boolean,
    fd: number,
  ): number;
  stopWatchdog(watchdog: number): void;
  watchdogReports(watchdog: number): number;
  /** The process ends by the signal, or where that is 0 with the code, when so much time is over. Once. */
  startDeadline(
    afterMs: number,
    signal: number,
    code: number,
    fd: number,
    usesLibuv: boolean,
  ): number;
  deadlineSays(text: string): void;
  /** Only the runtime's own end is left, by the signal, or where that is 0 with the code. */
  hastenDeadline(mostMs: number, signal: number, code: number): void;

  /** `row`: arrivals, events that an event loop has taken, and arrivals folded into these. */
  counters(signal: number, row: BigInt64Array): void;
  /** Counted: while somebody wants it, the calls of our handler are written down. */
  wantTrace(wanted: boolean): void;
  /** The last calls, the newest first: ten 64-bit columns each. Gives back how many. */
  traced(rows: BigInt64Array, most: number): number;
  /** Rows as native/dump/ledger.h has them; keep them for ever. */
  setLedger(rows: Int32Array, count: number): void;
  /** A dumper's number, or a negative errno value. */
  startDumper(signal: number, fd: number): number;
  stopDumper(dumper: number): void;

  /** 32-bit columns of a row's siginfo, behind those of the event. */
  readonly infoFields: number;
  /** `order`: 0 native-last, 1 native-first, 2 deferred. */
  bridge(signal: number, order: number): number;
  unbridge(signal: number): void;
  /** Whether there was a handler to call. */
  forward(signal: number, info: Int32Array): boolean;
  reclaim(signal: number): number;
  /** Comes back only from a signal that is ignored by default, or after a stop. */
  performDefault(signal: number): void;

  /** A descriptor, or a negative errno value. */
  openProcess(pid: number): number;
  /** `group`: to the process group that the process leads, or has led. */
  signalProcess(descriptor: number, signal: number, group: boolean, value?: number): number;
  closeProcess(descriptor: number): void;
  /** A process group's or session's id, or a negative errno value; 0 is this process. */
  groupOf(pid: number): number;
  sessionOf(pid: number): number;

  /** To a Unix socket by its path, or by its abstract name behind `@`. */
  sendDatagram(address: string, text: string): number;

  /**
   * Descriptors of the connections that waited for this listening socket, which is closed: its number is
   * its owner's to close. `null`, and nothing is done, where that cannot be.
   */
  closeListener(fd: number): number[] | null;
  /** Bytes that were sent over this socket, and that the other side has not acknowledged; 0 where that is not known. */
  unacknowledged(fd: number): number;

  /**
   * `keys`: whether they send signals at all, then those of SIGINT, SIGQUIT, SIGTSTP, -1 for none; then
   * whether the terminal hands on whole lines.
   */
  terminalKeys(fd: number, keys: Int32Array): number;

  /** `how`: 0 block, 1 unblock, 2 set. */
  changeMask(how: number, set: bigint): bigint;
  getMask(): bigint;
  getPending(): bigint;
  /** The signal's number, or a negative errno value. */
  wait(set: bigint, timeoutNs: number, row: Int32Array): number;
  send(pid: number, signal: number): number;
  queue(pid: number, signal: number, value: number): number;
  raise(signal: number): number;
  exitBySignal(signal: number, usesLibuv: boolean): never;
  /** exit(3), whatever code it is called with, ends the process by the signal. */
  signalAtExit(signal: number): void;

  /** This process becomes another program; an errno value if it does not. */
  execute(path: string, argv: readonly string[]): number;
}
