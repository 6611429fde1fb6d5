// The second part of npm run test:qemu: sigbridge watch on Debian's kernel, with control groups of version 2, which this
// machine may not have. What the kernel kills there for want of memory is told as such.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = path.join(root, '.cache/kernel');
const system = path.join(work, 'system');

const INIT = `#!/bin/busybox sh
export PATH=/bin
for name in cat sh mount mkdir tail poweroff; do busybox ln -s busybox /bin/$name; done
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t cgroup2 cgroup /sys/fs/cgroup; mount -t tracefs tracefs /sys/kernel/tracing
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/little
echo 40M >/sys/fs/cgroup/little/memory.max
node /package/bin/sigbridge watch --signal SIGKILL --json --exec sh -c 'echo $$ >/sys/fs/cgroup/little/cgroup.procs; exec tail /dev/zero'
poweroff -f
`;

function download() {
  const { stdout } = spawnSync('apt-cache', ['depends', 'linux-image-cloud-amd64'], {
    encoding: 'utf8',
  });
  const [, name] = /Depends: (linux-image-\S+)/.exec(stdout) ?? [];
  return name !== undefined && spawnSync('apt-get', ['download', name], { cwd: work }).status === 0;
}

function kernel() {
  const found = () => fs.readdirSync(work).find((name) => /^linux-image-.*\.deb$/.test(name));
  if (found() === undefined && !download()) {
    // Its list is missing, or older than what the archive has.
    execFileSync('apt-get', ['update', '-qq']);
    assert(download(), 'apt-get cannot download linux-image-cloud-amd64');
  }
  execFileSync('dpkg-deb', ['-x', found(), 'image'], { cwd: work });
  const boot = path.join(work, 'image/boot');
  return path.join(
    boot,
    fs.readdirSync(boot).find((name) => name.startsWith('vmlinuz-')),
  );
}

/** A program, under that name, and the libraries that it asks for. */
function install(program, name) {
  const to = path.join(system, name);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(program, to);
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    fs.mkdirSync(path.join(system, path.dirname(library)), { recursive: true });
    fs.copyFileSync(library, path.join(system, library));
  }
}

function fill() {
  fs.rmSync(system, { recursive: true, force: true });
  for (const folder of ['proc', 'sys', 'dev', 'tmp']) {
    fs.mkdirSync(path.join(system, folder), { recursive: true });
  }
  install(process.execPath, 'bin/node');
  install('/bin/busybox', 'bin/busybox');
  for (const part of [
    'dist',
    'bin',
    'package.json',
    'native/index.js',
    'build/Release/sigbridge.node',
    'build/Release/sigbridge-run',
  ]) {
    fs.cpSync(path.join(root, part), path.join(system, 'package', part), { recursive: true });
  }
  fs.writeFileSync(path.join(system, 'init'), INIT, { mode: 0o755 });
  execFileSync('sh', ['-c', 'find . | busybox cpio -o -H newc | gzip -1 >../initrd'], {
    cwd: system,
    stdio: 'ignore',
  });
}

fs.mkdirSync(work, { recursive: true });
const image = kernel();
fill();
// Emulated: what runs this may be emulated itself.
const options = ['-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-nographic', '-no-reboot'];
const boot = [
  '-kernel',
  image,
  '-initrd',
  path.join(work, 'initrd'),
  '-append',
  'console=ttyS0 quiet panic=-1',
];
const { stdout } = spawnSync('qemu-system-x86_64', [...options, ...boot], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  timeout: 300_000,
});
const lines = stdout.split(/\r?\n/).filter((line) => line.startsWith('{'));
const [killed] = lines.map((line) => JSON.parse(line));
try {
  assert.equal(killed?.signal, 'SIGKILL');
  assert.equal(killed.sender, null);
  assert.equal(killed.reason, 'out of memory');
  assert.equal(killed.outcome, 'killed');
} catch (error) {
  console.log(stdout);
  throw error;
}
console.log(
  `${path.basename(image)}, control groups of version 2: too little memory is told as such`,
);
