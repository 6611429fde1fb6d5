import { addon } from '../../base/native/addon.js';
import { namesOf } from '../../base/signal/names.js';

/** What this process was started with. */
export interface Inherited {
  /**
   * Who saw it: `'launcher'` (`sigbridge run`, before exec) and `'preload'` (a preload library,
   * before the runtime's first line) are exact. `'observed'` is what stood when sigbridge was first
   * loaded: by then Node has reset the signals 1 to 31 and the mask.
   */
  source: 'launcher' | 'preload' | 'observed';
  /** The signals that were ignored. */
  ignored: string[];
  /** The signals that were blocked. */
  blocked: string[];
}

/** The variable in which an earlier witness leaves its record: source:pid:ignored:blocked, in hex. */
const VARIABLE = 'SIGBRIDGE_INHERITED';
const RECORD = /^(launcher|preload):(\d+):([0-9a-f]{1,16}):([0-9a-f]{1,16})$/;

/**
 * What this process inherited as ignored and as blocked. May be called from any thread.
 * Sources: execve(2), signal(7).
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function inherited(): Inherited {
  return recorded() ?? observed();
}

// The pid tells a record of this process from one that a parent has passed on: exec keeps the pid.
function recorded(): Inherited | null {
  const match = RECORD.exec(process.env[VARIABLE] ?? '');
  if (match === null || Number(match[2]) !== process.pid) return null;
  return {
    source: match[1] as Inherited['source'],
    ignored: namesOf(BigInt(`0x${match[3] ?? '0'}`)),
    blocked: namesOf(BigInt(`0x${match[4] ?? '0'}`)),
  };
}

function observed(): Inherited {
  const [ignored, blocked] = addon.observed();
  return { source: 'observed', ignored: namesOf(ignored), blocked: namesOf(blocked) };
}
