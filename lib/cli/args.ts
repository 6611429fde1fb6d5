import { parseArgs, type ParseArgsConfig } from 'node:util';
import { show } from '../base/errors/show.js';
import { HelpRequested, UsageError } from './Command.js';

type Options = NonNullable<ParseArgsConfig['options']>;

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** What {@link parse} gives back: values typed by the options, and positionals. */
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T & typeof HELP; allowPositionals: true }>
>;

/**
 * `parseArgs`, with `--help` for every command.
 * @throws UsageError, HelpRequested
 */
export function parse<T extends Options>(args: string[], options: T): Parsed<T> {
  const config = { args, options: { ...options, ...HELP }, allowPositionals: true } as const;
  const parsed = usage(() => parseArgs(config));
  if ((parsed.values as { help?: boolean }).help === true) throw new HelpRequested();
  return parsed;
}

function usage<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `text` as a process id. */
export function parsePid(text: string): number {
  const pid = Number(text);
  if (!/^\d+$/.test(text) || pid === 0 || pid > 0x7fffffff) {
    throw new UsageError(`Invalid pid: ${show(text)}; expected a positive whole number.`);
  }
  return pid;
}

/** `text` as a whole number. */
export function parseInteger(name: string, text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`Invalid ${name}: ${show(text)}; expected a whole number.`);
  }
  return value;
}

/** A signal from the command line, where a number comes as text; checked by whoever takes it. */
export function parseSignal(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
