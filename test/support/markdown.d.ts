/**
 * A document's examples. A fenced block ```js NAME is a file, in whatever language; a block ```console
 * is what a terminal shows: each line `$ COMMAND` is typed by the reader, as is a `^C`, and the lines
 * below are the answer, in which `…` stands for any text, and a line of it alone for any lines.
 * What comes after `console` is where the packages come from that it needs: see `Needs`.
 */
export interface Document {
  files: ReadonlyMap<string, string>;
  commands: readonly Command[];
}

/** Nothing but this repository; Debian's packages; the registry's, in .cache/bundlers. */
export type Needs = '' | 'debian' | 'registry';

export interface Command {
  command: string;
  /** The line of the document, counted from 1. */
  line: number;
  needs: Needs;
  output: string;
}

/** @throws for a console block that begins without a command */
export function readDocument(markdown: string): Document;

/** Whether what was shown is what the document says. */
export function expected(command: Pick<Command, 'output'>): RegExp;

/** A pattern for a part of what is shown. */
export function patternOf(text: string): string;
