/** Where a command writes, so that it need not know what is at the other end. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` ends at a terminal that shows colours and whose user wants them. */
  color: boolean;
}

/** One subcommand, in a file of its own that loads the rest of sigbridge only inside `run`. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  help: string;
  /** Gives back the exit code. Usage errors are thrown, as {@link UsageError}. */
  run(args: string[], io: Io): number | Promise<number>;
}

/** 0, or what the exit code says about who is to blame. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreadable: 2, unknown: 3 } as const;

/** The arguments make no sense: exit code 2. */
export class UsageError extends Error {}

/** Somebody asked for `--help`: the caller prints it. */
export class HelpRequested extends Error {}
