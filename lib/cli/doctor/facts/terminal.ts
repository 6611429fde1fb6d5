import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { addon } from '../../../base/native/addon.js';

/** The terminal that controls a process. */
export interface Terminal {
  /** Such as `/dev/pts/3`. */
  path: string;
  /** Its settings; `null` where this user may not open it. */
  keys: Keys | null;
}

/** Characters by number; `null` for none. termios(3) */
export interface Keys {
  /** Whether keys send signals at all. */
  isig: boolean;
  /** Whether whole lines are read from it, rather than single keys: ICANON. */
  lines: boolean;
  SIGINT: number | null;
  SIGQUIT: number | null;
  SIGTSTP: number | null;
}

/** @param device as proc_pid_stat(5) has it in `tty_nr`; 0 for none */
export function readTerminal(pid: number, device: number): Terminal | null {
  if (device === 0) return null;
  const seen = candidates(pid, device).find((path) => isDevice(path, device));
  const path = seen ?? defaultPath(device);
  return { path: path.replace(/^\/proc\/\d+\/root(?=\/)/, ''), keys: readKeys(path, device) };
}

// In a container, /dev/pts/0 is another terminal than outside, with the same number: ask by its root.
function candidates(pid: number, device: number): string[] {
  const path = defaultPath(device);
  return [...openPaths(pid), path].flatMap((one) => [`/proc/${pid}/root${one}`, one]);
}

function openPaths(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    const links = readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
    return [...new Set(links.filter((link) => link.startsWith('/dev/')))];
  } catch {
    return [];
  }
}

// makedev(3), as the kernel packs it for user space, and Documentation/admin-guide/devices.txt.
function defaultPath(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `/dev/pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `/dev/tty${minor}` : `/dev/ttyS${minor - 64}`;
  return `/dev/char/${major}:${minor}`;
}

/** The device number of a terminal as proc_pid_stat(5) has it in `tty_nr`; `null` for what is none. */
export function deviceAt(path: string): number | null {
  try {
    const found = statSync(path);
    // What stat(2) and stat of /proc show is packed alike.
    return found.isCharacterDevice() ? found.rdev : null;
  } catch {
    return null;
  }
}

function isDevice(path: string, device: number): boolean {
  try {
    return path !== '/dev/tty' && statSync(path).rdev === device;
  } catch {
    return false;
  }
}

function readKeys(path: string, device: number): Keys | null {
  let fd: number;
  try {
    // Not to become our own controlling terminal, nor to wait for a modem.
    fd = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const raw = new Int32Array(5);
    if (fstatSync(fd).rdev !== device || addon.terminalKeys(fd, raw) !== 0) return null;
    const [isig, intr = -1, quit = -1, susp = -1, lines] = raw;
    const characters = { SIGINT: key(intr), SIGQUIT: key(quit), SIGTSTP: key(susp) };
    return { isig: isig === 1, lines: lines === 1, ...characters };
  } finally {
    closeSync(fd);
  }
}

function key(code: number): number | null {
  return code < 0 ? null : code;
}

/** A character as it is printed on a key: 3 is `'Ctrl+C'`. */
export function keyName(code: number): string {
  if (code === 127) return 'Backspace (^?)';
  if (code < 32) return `Ctrl+${String.fromCharCode(code + 64)}`;
  return code < 127 ? `'${String.fromCharCode(code)}'` : `character ${code}`;
}
