// Where musl's headers and library for a processor lie: those of Debian's musl-tools for this machine's,
// for another's the same packages of that processor, which apt fetches into .cache and nothing installs.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../release/targets.mjs';

const CPUS = { x64: ['x86_64', 'amd64'], arm64: ['aarch64', 'arm64'] };
const PACKAGES = ['musl', 'musl-dev', 'musl-tools'];

/**
 * `folder` is '' for this machine's own, `gnu` and `musl` the names of what belongs to each C library.
 * @returns {{ folder: string, gnu: string, musl: string, loader: string, specs: string, include: string }}
 */
export function sysrootOf(cpu) {
  const [name, debian] = CPUS[cpu];
  const musl = `${name}-linux-musl`;
  const folder = cpu === process.arch ? '' : fetched(cpu, debian, musl);
  const there = {
    ...{ folder, musl, gnu: `${name}-linux-gnu` },
    loader: `${folder}/lib/ld-musl-${name}.so.1`,
    specs: `${folder}/usr/lib/${musl}/musl-gcc.specs`,
    include: `${folder}/usr/include/${musl}`,
  };
  if (!fs.existsSync(there.specs)) {
    throw new Error(`there is no ${there.specs}: apt-get install ${PACKAGES.at(-1)}`);
  }
  return there;
}

/** musl itself, library and loader in one. A machine of musl's has it without Debian's packages. */
export function muslLibrary(cpu) {
  const own = `/lib/ld-musl-${CPUS[cpu][0]}.so.1`;
  return cpu === process.arch && fs.existsSync(own) ? own : sysrootOf(cpu).loader;
}

function fetched(cpu, debian, musl) {
  const folder = path.join(root, '.cache/musl', cpu, 'root');
  if (fs.existsSync(folder)) return folder;
  const work = path.join(root, '.cache/musl', cpu, 'apt');
  const fresh = path.join(work, 'root');
  fs.rmSync(work, { recursive: true, force: true });
  for (const one of ['lists/partial', 'archives/partial', 'root']) {
    fs.mkdirSync(path.join(work, one), { recursive: true });
  }
  fs.writeFileSync(path.join(work, 'status'), '');
  // apt's lists and what is installed are those of this machine's processor; neither is touched.
  const options = [
    ...[`APT::Architecture=${debian}`, `APT::Architectures::=${debian}`, 'APT::Sandbox::User=root'],
    ...[`Dir::State::lists=${work}/lists`, `Dir::State::status=${work}/status`],
    ...[`Dir::Cache=${work}`],
  ].flatMap((option) => ['-o', option]);
  const apt = (...args) => {
    execFileSync('apt-get', [...options, '-qq', ...args], {
      ...{ cwd: work, stdio: ['ignore', 'ignore', 'inherit'] },
    });
  };
  apt('update');
  apt('download', ...PACKAGES);
  for (const file of fs.readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['--extract', path.join(work, file), fresh]);
  }
  // On Debian /lib is /usr/lib.
  fs.symlinkSync(`../../../lib/${musl}/libc.so`, path.join(fresh, `usr/lib/${musl}/libc.so`));
  const specs = path.join(fresh, `usr/lib/${musl}/musl-gcc.specs`);
  const text = fs.readFileSync(specs, 'utf8');
  fs.writeFileSync(specs, text.replaceAll(/\/usr\/(?=lib|include)/g, `${folder}/usr/`));
  fs.renameSync(fresh, folder);
  fs.rmSync(work, { recursive: true });
  return folder;
}
