/** Where code lies, as far as its file says: like `HandlerPlace`, of any process. */
export interface Place {
  /** In hexadecimal. */
  address: string;
  /** Path of the shared object or executable; `null` for code that belongs to none. */
  module: string | null;
  /** The symbol that the address lies in, static ones too where the file has not been stripped. */
  symbol: string | null;
  /** Bytes from the symbol, or from the start of the module. */
  offset: number;
}

/** What stood, or stands, for a signal. */
export interface ActionState {
  disposition: 'default' | 'ignore' | 'handler';
  handler: Place | null;
  flags: string[];
  /** Blocked while the handler runs. */
  mask: string[];
}

export interface AlternateStack {
  enabled: boolean;
  address: string;
  size: number;
}

interface ChangeBase {
  /** ms since the command was started. */
  time: number;
  /** Which of `Trace.processes` made it. */
  process: number;
  pid: number;
  tid: number;
  /** The function of the C library, or the system call where none was seen: `'rt_sigaction'`. */
  call: string;
  /** Who saw it. */
  seenBy: ('preload' | 'strace')[];
  /** Whether anything is different afterwards. */
  changed: boolean;
  /** Where the call came from; `null` when that is not known. */
  who: Place | null;
  /** Frames of JavaScript, the innermost first; `null` where there is none to be had. */
  script: string[] | null;
}

export interface ActionChange extends ChangeBase {
  kind: 'action';
  signal: string;
  /** `null`: not seen. */
  from: ActionState | null;
  to: ActionState;
  /**
   * What the caller was told of the action that stood before: all of it, the handler without its flags
   * and mask (signal(3)), or nothing. `null`: not seen.
   */
  saved: 'whole' | 'handler' | 'nothing' | null;
}

export interface MaskChange extends ChangeBase {
  kind: 'mask';
  /** What the thread blocked before and blocks now; `from` is `null` when it was not seen. */
  from: string[] | null;
  to: string[];
}

export interface StackChange extends ChangeBase {
  kind: 'alternate stack';
  from: AlternateStack | null;
  to: AlternateStack;
}

export type Change = ActionChange | MaskChange | StackChange;

/** A program from its start (exec), or a copy of its parent (fork) from its first change. */
export interface TracedProcess {
  pid: number;
  parent: number | null;
  how: 'exec' | 'fork';
  /** ms since the command was started. */
  time: number;
  executable: string | null;
  command: string[];
  /** What it was started with; `null` when that is not known. */
  ignored: string[] | null;
  blocked: string[] | null;
  /** Whether the preload library was in it: if not, only its system calls are seen. */
  preloaded: boolean;
  /** Whether code made by Go is loaded in it. */
  go: boolean;
}

/** Who has a signal when the record ends. */
export interface Ownership {
  process: number;
  signal: string;
  disposition: ActionState['disposition'];
  /** The handler; `null` where there is none. */
  owner: Place | null;
  /** Index of the change that made it so; `null`: the process was started with it. */
  change: number | null;
}

export type WarningRule =
  'replaced-without-saving' | 'default-over-handler' | 'no-onstack-with-go' | 'ignore-inherited';

export interface Warning {
  rule: WarningRule;
  process: number;
  signal: string;
  message: string;
  /** Indices of the changes that show it. */
  changes: number[];
}

/** All that was seen of a command. */
export interface Trace {
  command: string[];
  /** The command's start, as a date of ISO 8601. */
  started: string;
  /** How long it ran, in ms. */
  duration: number;
  /** How it ended; a death by signal has `signal`. */
  exit: { code: number | null; signal: string | null };
  processes: TracedProcess[];
  changes: Change[];
  owners: Ownership[];
  warnings: Warning[];
  /** How many records there was no room for. */
  dropped: number;
  /** What the record lacks, and why. */
  notes: string[];
}
