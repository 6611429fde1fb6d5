// How the situations are written down: programs as one writes them, and the two ways of a signal.
export const NODE = process.execPath;
export const PYTHON = '/usr/bin/python3';
export const node = (script) => [NODE, '-e', script];
export const python = (script) => [PYTHON, '-c', script];
export const HEARD = "fs.writeSync(1, 'heard');";
export const READY = "fs.writeSync(1, 'ready');";
export const listens = (signal, then = '') =>
  `process.on('${signal}', () => { ${HEARD} ${then} });`;
export const FOREVER = 'setInterval(() => {}, 1e6);';
export const quoted = (script) => `'${script.replaceAll("'", "'\\''")}'`;
export const nodeIn = (script) => `${NODE} -e ${quoted(script)}`;
export const first = (...command) => [
  'unshare',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
  ...command,
];

export const SHELLS = {
  bash: ['bash', '--norc', '-c'],
  dash: ['dash', '-c'],
  zsh: ['zsh', '-f', '-c'],
  busybox: ['busybox', 'sh', '-c'],
};

export const byKey = { signal: 'SIGINT', by: 'key' };
export const term = { signal: 'SIGTERM', by: 'kill' };
