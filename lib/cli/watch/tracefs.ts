// Where the kernel shows its record: tracefs, as it is mounted, or mounted for us alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { unsupported, type SignalError } from '../../base/errors/SignalError.js';
import { launcher } from './launcher.js';

/** @internal */
export interface Tracefs {
  folder: string;
  /** Takes away what was mounted for us. */
  readonly close: () => void;
}

const PLACES = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
/** Of the first PID namespace, which the kernel's record counts in: PROC_PID_INIT_INO. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

const INSTEAD =
  'Where that cannot be had: strace -f -e trace=none -e signal=all -p <pid> shows what one process gets, ' +
  "and 'on' of sigbridge who has sent it, in a Node of your own; auditctl -a always,exit -S kill records " +
  'who calls kill(2)';

/** @internal @throws ERR_UNSUPPORTED, which says what is missing and what to do instead */
export async function openTracefs(): Promise<Tracefs> {
  if (process.platform !== 'linux')
    throw missing("it reads the kernel's record, which Linux alone has");
  if (process.geteuid?.() !== 0)
    throw missing("the kernel's record is for root: sudo sigbridge watch …");
  requireOneNumbering();
  const folder = PLACES.find((place) => existsSync(`${place}/instances`));
  if (folder !== undefined) return { folder, close: () => undefined };
  if (!readFileSync('/proc/filesystems', 'utf8').includes('\ttracefs\n')) {
    throw missing('this kernel was built without tracefs (CONFIG_TRACING)');
  }
  return mountAlone();
}

/** @internal */
export function missing(why: string, cause?: unknown): SignalError {
  return unsupported("'sigbridge watch'", `${why}. ${INSTEAD}`, cause);
}

// In a container the same number means somebody else.
function requireOneNumbering(): void {
  if (readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE) return;
  throw missing(
    "here processes have numbers of their own (a PID namespace), and the kernel's record has the machine's: " +
      'run it on the host, or in a container with --privileged --pid=host',
  );
}

// In a mount namespace that one process holds, as long as we live: nobody else sees a mount, and nothing
// has to be undone.
async function mountAlone(): Promise<Tracefs> {
  const place = PLACES[0] ?? '';
  const script = `mount -t tracefs tracefs ${place} && echo mounted && exec cat`;
  const words = ['--parent-death', 'SIGKILL', '--', 'unshare', '-m', 'sh', '-c', script];
  // In a session of its own: Ctrl+C is for us, and what ends then still needs the mount.
  const holder = spawn(launcher(), words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let complaint = '';
  holder.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  holder.on('error', (error) => (complaint += error.message));
  const answer: unknown = await Promise.race([once(holder.stdout, 'data'), once(holder, 'close')]);
  const close = (): void => {
    holder.kill('SIGKILL');
  };
  const folder = `/proc/${String(holder.pid)}/root${place}`;
  const isMounted = Array.isArray(answer) && String(answer[0]).startsWith('mounted');
  if (isMounted && existsSync(`${folder}/instances`)) {
    holder.unref();
    for (const stream of [holder.stdin, holder.stdout, holder.stderr]) {
      (stream as unknown as { unref(): void }).unref();
    }
    return { folder, close };
  }
  close();
  const why = complaint.trim().split('\n')[0] ?? '';
  throw missing(
    `tracefs is not mounted, and cannot be (${why}): mount -t tracefs tracefs ${place}`,
  );
}
