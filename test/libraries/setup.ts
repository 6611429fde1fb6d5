import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { onTerminal, type Terminal } from '../support/pty';

/** What has to be built of the libraries' own languages, in a folder of its own. */
export interface Built {
  folder: string;
  env: NodeJS.ProcessEnv;
  remove: () => void;
}

export function build(): Built {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'libraries-'));
  const GO_LIBRARY = path.join(folder, 'notify.so');
  execFileSync('go', ['build', '-buildmode=c-shared', '-o', GO_LIBRARY, 'notify.go'], {
    cwd: path.join(__dirname, 'go'),
  });
  const jvm = jvmFolder();
  // Debian's runtime environment has the compiler's module, though not its command.
  const compiler = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-nowarn', '-d', folder];
  execFileSync(path.join(jvm, 'bin/java'), [...compiler, 'Probe.java'], {
    cwd: path.join(__dirname, 'jvm'),
    stdio: 'pipe',
  });
  return {
    folder,
    env: {
      TERM: 'xterm',
      GO_LIBRARY,
      JVM_LIBRARY: path.join(jvm, 'lib/server/libjvm.so'),
      JVM_CLASSES: folder,
    },
    remove: () => {
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Debian's headless runtime environment. */
function jvmFolder(): string {
  const root = '/usr/lib/jvm';
  const found = fs
    .readdirSync(root)
    .sort()
    .map((name) => path.join(root, name))
    .find((at) => at.includes('openjdk') && fs.existsSync(`${at}/lib/server/libjvm.so`));
  if (found === undefined) throw new Error(`no openjdk with a libjvm.so in ${root}`);
  return found;
}

// A job of a shell, which says when it has been stopped, and continues it.
const SHELL = `
  set -m
  COMMAND
  status=$?
  while [ $status -eq 148 ] || [ $status -eq 149 ] || [ $status -eq 150 ]; do
    echo "[stopped $status]"
    fg >/dev/null
    status=$?
  done
  exit $status`;

/**
 * Runs a program of this folder as a job on a terminal. `quiet`: with nothing of it on its standard
 * streams. A descriptor stays: a terminal that nobody has open hangs up.
 */
export function startJob(
  program: string,
  argv: readonly string[],
  { env, quiet = false }: { env: NodeJS.ProcessEnv; quiet?: boolean },
): Terminal {
  const redirected = quiet ? '3<&0 </dev/null >/dev/null 2>&1' : '';
  const script = SHELL.replace('COMMAND', `"$@" ${redirected}`);
  const command = [process.execPath, path.join(__dirname, program), ...argv];
  return onTerminal(['bash', '-c', script, 'bash', ...command], { env });
}
