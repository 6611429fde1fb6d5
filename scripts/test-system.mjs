// npm run test:system [-- --install] [-- what jest takes]: the tests that stand beside programs and
// libraries of others, as Debian has them. Where one is missing it is named, and nothing is skipped.
// `--list` prints the packages; `--doctor` tries the doctor's situations instead: npm run test:doctor.
import { spawnSync } from 'node:child_process';

const packages = {
  chromium: 'the debug page and the reports of trace, in a browser',
  strace: 'trace --syscalls',
  tini: 'sigbridge run --init beside it',
  'dumb-init': 'sigbridge run --init beside it',
  'golang-go': "Go's runtime in the process",
  cargo: "Rust's signal-hook in the documentation",
  'librust-signal-hook-dev': "Rust's signal-hook in the documentation",
  'openjdk-17-jre-headless': 'a JVM in the process, and under doctor',
  bubblewrap: 'a sandbox under doctor',
  busybox: 'a shell under doctor',
  expect: 'a terminal of its own under doctor',
  fish: 'a shell under doctor',
  gunicorn: 'a server with workers under doctor',
  ksh: 'a shell under doctor',
  mksh: 'a shell under doctor',
  mosquitto: 'a server that blocks signals while it waits, under doctor',
  nginx: 'a server with workers under doctor',
  'ninja-build': 'a program that hands signals on, under doctor',
  'php8.2-cli': 'a language under doctor',
  proot: 'a tracer that stands and falls with its program, under doctor',
  ruby: 'a language under doctor',
  s6: 'a supervisor that reads signals from a descriptor, under doctor',
  screen: 'a terminal of its own under doctor',
  sudo: 'a program that hands signals on, under doctor',
  'openssh-server': 'a terminal at the other end, under doctor',
  'openssh-client': 'a terminal at the other end, under doctor',
  gdb: 'a debugger under doctor',
  'libc-ares2': "Debian's Node under doctor",
  libicu72: "Debian's Node under doctor",
  'libnghttp2-14': "Debian's Node under doctor",
  'node-acorn': "Debian's Node under doctor",
  'node-cjs-module-lexer': "Debian's Node under doctor",
  'node-undici': "Debian's Node under doctor",
  systemd: 'a service that it starts, watches and stops',
  tcsh: 'a shell under doctor',
  tmux: 'a terminal of its own under doctor',
  time: 'a program that waits for another, under doctor',
  yash: 'a shell under doctor',
  zsh: 'a shell under doctor',
  postgresql: 'ended by closable()',
  'redis-server': 'ended by closable()',
  'rabbitmq-server': 'ended by closable()',
  librdkafka1: 'a broker that speaks Kafka’s protocol, ended by closable()',
  'libevent-2.1-7': 'its signal handlers beside ours',
  'libglib2.0-0': 'what its users count on at a signal',
  'swi-prolog-core': 'what its users count on at a signal',
  libgc1: 'Boehm’s collector, which stops its threads by signals',
  'guile-3.0-libs': 'what its users count on at a signal',
  'libecl21.2': 'what its users count on at a signal',
  'libgoogle-perftools4': 'its profiler, which takes SIGPROF',
  'libperl5.36': 'what its users count on at a signal',
  'libruby3.1': 'what its users count on at a signal',
  libuv1: "a second libuv beside the runtime's, and Debian's Node under doctor",
  libncursesw6: 'its signal handlers beside ours',
  'libpython3.11': 'its signal handlers beside ours',
  libreadline8: 'its signal handlers beside ours',
};

const options = process.argv.slice(2);
const names = Object.keys(packages);
if (options.includes('--list')) {
  console.log(names.join('\n'));
  process.exit();
}

function run(command, ...argv) {
  const { status, error } = spawnSync(command, argv, { stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function output(command, ...argv) {
  return spawnSync(command, argv, { encoding: 'utf8' }).stdout ?? '';
}

// Its files too: a package can be there by its record alone. Images leave manuals out.
function isMissing(name) {
  if (output('dpkg-query', '-W', '-f', '${db:Status-Status}', name) !== 'installed') return true;
  return /^\??missing +(c )?\/(?!usr\/share\/)/m.test(output('dpkg', '--verify', name));
}

let missing = names.filter(isMissing);
if (missing.length > 0 && options.includes('--install')) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-qq', '-y', '--reinstall', '--no-install-recommends', ...missing);
  missing = names.filter(isMissing);
}
if (missing.length > 0) {
  for (const name of missing) console.error(`missing: ${name} (${packages[name]})`);
  console.error(`Debian has them: apt-get install ${missing.join(' ')}`);
  console.error('or, as root: npm run test:system -- --install');
  process.exit(1);
}
run('npm', 'run', 'compile');
const rest = options.filter((option) => option !== '--install' && option !== '--doctor');
if (options.includes('--doctor')) {
  run('node', 'test/doctor/run.mjs', ...rest);
  process.exit();
}
run('npm', 'run', 'build:fixtures');
run('npx', 'jest', '--config', 'jest.system.config.js', ...rest);
