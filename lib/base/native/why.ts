/**
 * Why the native part could not be loaded, in words, and what to do about exactly that. It goes by what
 * the runtime, the C library's loader and the kernel have answered, and guesses nothing beyond.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from './find.js';

/** As the runtime threw it. */
interface Refusal {
  readonly code?: string;
  readonly message?: string;
  /** What `node --permission` has kept from us. */
  readonly resource?: string;
}

/** The version of glibc, where that is the C library: glibcVersion(), handed in, as core.js loads this early. */
type Glibc = () => string | undefined;

type Reason = (refusal: Required<Refusal>, glibc: Glibc) => string | undefined;

/** The error that says most: of a package that is there, before those that are not. */
export function causeOf(failures: readonly Failure[]): unknown {
  const of = (wanted: (code: string) => boolean) =>
    failures.find(({ error }) => wanted(String((error as Refusal).code)));
  const found =
    of((code) => !MISSING.test(code) && code !== 'ERR_ACCESS_DENIED') ??
    // Of where there may be nothing at all to read, last.
    failures.findLast(({ error }) => (error as Refusal).code === 'ERR_ACCESS_DENIED') ??
    failures.at(-1);
  return found?.error;
}

/** @param root the package's folder, as far as it can be told */
export function whyNot(error: unknown, root: string | undefined, glibc: Glibc): string {
  const { code = '', message = String(error), resource = '' } = error as Refusal;
  for (const reason of REASONS) {
    const why = reason({ code, message, resource }, glibc);
    if (why !== undefined) return why;
  }
  return MISSING.test(code) || /require is not defined|Dynamic require/.test(message)
    ? whyMissing(root, glibc)
    : `its native part could not be loaded (${message})`;
}

/** Not there, and, in what a release brings, not even meant to be: a checkout's own. */
const MISSING = /^(?:MODULE_NOT_FOUND|ERR_PACKAGE_IMPORT_NOT_DEFINED)$/;

const BUILD = 'npm install @sigbridge/source, which takes a C++17 compiler, make and python3';

/** There is a package with the binaries for these: scripts/release/targets.mjs. */
const SHIPPED = /^(?:linux-(?:x64|arm64)-(?:glibc|musl)|darwin-(?:x64|arm64))$/;

const REASONS: readonly Reason[] = [
  () => {
    if (process.platform === 'linux' || process.platform === 'darwin') return undefined;
    return (
      `there is no native part for ${process.platform}, which lacks what it stands on; ` +
      'sigbridge/shutdown and sigbridge/manager work all the same, on process.on'
    );
  },
  ({ code }) => {
    if (code !== 'ERR_DLOPEN_DISABLED') return undefined;
    if (!isRestricted()) {
      return 'node was started with --no-addons (or NODE_OPTIONS has it); start it without';
    }
    return process.allowedNodeEnvironmentFlags.has('--allow-addons')
      ? 'node --permission loads no addons; add --allow-addons'
      : `node ${process.versions.node} with --experimental-permission loads no addons, whatever is allowed; ` +
          'take Node 20.12 or newer, which has --allow-addons';
  },
  ({ code, resource }) => {
    if (code !== 'ERR_ACCESS_DENIED') return undefined;
    return `node --permission keeps it from reading ${resource}; add --allow-fs-read=${resource}`;
  },
  ({ message }) => {
    const flag = /--allow-\w+/.exec(message)?.[0];
    if (process.versions['deno'] === undefined || flag === undefined) return undefined;
    return `Deno has not given it the permission; run it with ${flag}`;
  },
  ({ message }, glibc) => {
    const needed = /version [`'"](GLIBC_[\d.]+)/.exec(message)?.[1];
    if (needed === undefined) return undefined;
    const has = glibc();
    const here = has === undefined ? 'this system has an older one' : `this system has ${has}`;
    return `its binary needs the C library of ${needed}, and ${here}; build it here: ${BUILD}`;
  },
  ({ message }) => {
    const needed = /version [`'"]((?:GLIBCXX|CXXABI|GCC)_[\d.]+)/.exec(message)?.[1];
    if (needed === undefined) return undefined;
    return `its binary needs a newer C++ library (${needed}) than this system has; build it here: ${BUILD}`;
  },
  ({ message }) => {
    if (!/Error (loading shared library|relocating)|ld-linux|ld-musl|libc\.musl/.test(message)) {
      return undefined;
    }
    return `its binary is for another C library (glibc, musl) than this system's; install it here, where it runs`;
  },
  ({ message }) => {
    const other =
      /wrong ELF class|invalid ELF header|file too short|incompatible architecture|mach-o|cannot open shared object file: No such file/i;
    if (!other.test(message)) return undefined;
    return (
      `its binary is for another system, or damaged (${message}); ` +
      'install it here, where it runs: node_modules cannot be copied from one system to another'
    );
  },
  ({ message }) => {
    if (!message.includes('failed to map segment')) return undefined;
    return 'the file system on which its binary lies is mounted noexec; put node_modules on another';
  },
];

function whyMissing(root: string | undefined, glibc: Glibc): string {
  if (nameOf(root) !== 'sigbridge') {
    return (
      'a bundler has put its code elsewhere and left its native part behind; keep sigbridge out of the ' +
      'bundle and install it beside (esbuild: --external:sigbridge, or --loader:.node=copy; rollup, vite: ' +
      "external: /^sigbridge/; webpack: externalsType: 'commonjs', externals: /^sigbridge/; " +
      "Next: serverExternalPackages: ['sigbridge'])"
    );
  }
  const platform = `${process.platform}-${process.arch}${libraryHere(glibc)}`;
  if (!SHIPPED.test(platform)) return `no binary is made for ${platform}; build it: ${BUILD}`;
  return (
    `the package with its binary, @sigbridge/${platform}, is not installed beside ${String(root)}: optional ` +
    'dependencies were left out, or node_modules were made on another platform; install again, without ' +
    `--omit=optional, or build it: ${BUILD}`
  );
}

function nameOf(root: string | undefined): unknown {
  if (root === undefined) return undefined;
  try {
    return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown })
      .name;
  } catch {
    return undefined;
  }
}

function isRestricted(): boolean {
  return (process as { permission?: unknown }).permission !== undefined;
}

function libraryHere(glibc: Glibc): string {
  if (process.platform !== 'linux') return '';
  return glibc() === undefined ? '-musl' : '-glibc';
}
