import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../base/native/load.js';

/** Where in the program something was made. */
export interface Site {
  /** A path, or whatever the runtime calls that code. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The function it is in; `null` at the top of a module. */
  readonly function: string | null;
}

/** How far up the program's own code may lie: manager and shutdown stand between. */
const MOST_FRAMES = 30;
const OWN = path.join(packageRoot(__dirname), 'dist') + path.sep;

/** The innermost place on the stack that is neither sigbridge's nor the runtime's; else `null`. */
export function callSite(): Site | null {
  for (const frame of frames()) {
    const file = fileOf(frame);
    if (file === null || file.startsWith('node:') || file.startsWith(OWN)) continue;
    return {
      file,
      line: frame.getLineNumber() ?? 0,
      column: frame.getColumnNumber() ?? 0,
      function: frame.getFunctionName(),
    };
  }
  return null;
}

// V8's own way to get a stack as values: there is no other one in Node 20.
function frames(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error as {
    prepareStackTrace?: typeof Error.prepareStackTrace;
    stackTraceLimit: number;
  };
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = MOST_FRAMES;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, callSite);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace !== undefined) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
}

function fileOf(frame: NodeJS.CallSite): string | null {
  const name = frame.getFileName();
  if (name?.startsWith('file:') !== true) return name ?? null;
  try {
    return fileURLToPath(name);
  } catch {
    return name;
  }
}

/** As a terminal or an editor can follow it. */
export function siteText(site: Site | null): string {
  return site === null ? '?' : `${site.file}:${site.line}:${site.column}`;
}
