// npm run release:pack: makes the packages of a release of what release:build has built, packs them into
// .cache/release/tarballs, and prints their paths in the order in which they are to be published.
// `--incomplete`: of what there is; `--here`: for this machine alone, of what `npm run compile` has built.
// `sigbridge` brings no script and needs no package but the one with the binaries for its platform,
// which the registry cannot know before the release: so the checkout's package.json does not name it.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binariesOf, builtFolder, root, targets, thisTarget, work } from './targets.mjs';

const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const { version, license, author, repository, homepage, bugs, engines } = manifest;
const shared = { version, license, author, repository, homepage, bugs, engines };

/** With these, `sigbridge` would not be what its user installs. */
const OF_A_CHECKOUT = ['scripts', 'devDependencies', 'allowScripts', 'overrides', 'imports'];
const OF_A_BUILD = /^(?:build|native)\//;

/** The folder of a package that is being made: its package.json, and what `add` brings. */
function stage(name, more) {
  const folder = path.join(work, 'packages', name.replace('@sigbridge/', ''));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ name, ...more }, null, 2);
  fs.writeFileSync(path.join(folder, 'package.json'), `${text}\n`);
  return {
    folder,
    add(file, from = path.join(root, file)) {
      fs.cpSync(from, path.join(folder, file), { recursive: true });
    },
    say(text) {
      fs.writeFileSync(path.join(folder, 'README.md'), `# ${name}\n\n${text}\n`);
    },
  };
}

const isBuilt = (target) => fs.existsSync(builtFolder(target));

function platformPackage(target) {
  const { name, os, cpu, libc } = target;
  const made = stage(`@sigbridge/${name}`, {
    ...shared,
    description: `The binaries of sigbridge for ${name}`,
    main: 'native/index.js',
    files: ['native/index.js', 'build/Release'],
    // Yarn keeps packages in archives, out of which the system loads nothing.
    preferUnplugged: true,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  });
  made.add('native/index.js');
  made.add('LICENSE');
  for (const binary of isBuilt(target) ? binariesOf(target) : []) {
    made.add(`build/Release/${binary}`, path.join(builtFolder(target), binary));
  }
  made.say('Comes with [sigbridge](https://www.npmjs.com/package/sigbridge), which needs it.');
  return made.folder;
}

function sourcePackage() {
  const made = stage('@sigbridge/source', {
    ...shared,
    description: 'The native part of sigbridge, built when it is installed',
    main: 'native/index.js',
    files: ['binding.gyp', 'native'],
    preferUnplugged: true,
    os: [...new Set(targets.map(({ os }) => os))],
    scripts: { install: 'node-gyp rebuild' },
    dependencies: { 'node-addon-api': manifest.devDependencies['node-addon-api'] },
  });
  for (const part of ['binding.gyp', 'native', 'LICENSE']) made.add(part);
  fs.rmSync(path.join(made.folder, 'native/test'), { recursive: true });
  made.say(
    'For systems that no binary of [sigbridge](https://www.npmjs.com/package/sigbridge) is made for: installed ' +
      'beside it, it is built by a C++17 compiler, make and python3, and used before all others.',
  );
  return made.folder;
}

function mainPackage() {
  const pick = Object.entries(manifest).filter(([key]) => !OF_A_CHECKOUT.includes(key));
  const names = targets.map(({ name }) => [`@sigbridge/${name}`, version]);
  const { peerDependencies, peerDependenciesMeta, files } = manifest;
  const made = stage('sigbridge', {
    ...Object.fromEntries(pick),
    files: files.filter((file) => !OF_A_BUILD.test(file)),
    optionalDependencies: Object.fromEntries(names),
    peerDependencies: { ...peerDependencies, '@sigbridge/source': version },
    peerDependenciesMeta: { ...peerDependenciesMeta, '@sigbridge/source': { optional: true } },
    preferUnplugged: true,
  });
  for (const part of ['bin', 'dist', 'CHANGELOG.md', 'LICENSE']) made.add(part);
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  fs.writeFileSync(path.join(made.folder, 'README.md'), withAbsoluteLinks(readme));
  return made.folder;
}

/** The registry's page has no folders: its links lead to the repository, as it was at this version. */
function withAbsoluteLinks(markdown) {
  return markdown.replace(/\]\((?![a-z]+:|#)([^)#]+)/g, (_, file) => {
    if (!fs.existsSync(path.join(root, file))) throw new Error(`README.md: there is no ${file}`);
    return `](${homepage}/blob/v${version}/${file}`;
  });
}

/** @returns {string} the tarball */
function pack(folder) {
  const tarballs = path.join(work, 'tarballs');
  fs.mkdirSync(tarballs, { recursive: true });
  const options = ['--json', '--ignore-scripts', '--pack-destination', tarballs];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', ...options, folder], { encoding: 'utf8' }),
  );
  return path.join(tarballs, filename);
}

/**
 * Packs for these targets, with no binaries where none were built; `sigbridge` last, which names the
 * others. @returns {string[]}
 */
export function packAll(chosen = targets) {
  fs.rmSync(path.join(work, 'tarballs'), { recursive: true, force: true });
  return [...chosen.map(platformPackage), sourcePackage(), mainPackage()].map(pack);
}

/** Takes what the checkout has built for this machine's. */
export function packHere() {
  const target = thisTarget();
  for (const binary of binariesOf(target)) {
    const from = path.join(root, 'build/Release', binary);
    fs.cpSync(from, path.join(builtFolder(target), binary));
  }
  return packAll([target]);
}

function packRelease(incomplete) {
  const missing = targets.filter((one) => !isBuilt(one));
  for (const { name } of missing) console.error(`not built: ${name}`);
  if (missing.length === 0 || incomplete) return packAll(targets.filter(isBuilt));
  console.error('A release needs all of them; --incomplete packs the rest.');
  return process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = process.argv.slice(2);
  const tarballs = options.includes('--here')
    ? packHere()
    : packRelease(options.includes('--incomplete'));
  for (const tarball of tarballs) console.log(path.relative(root, tarball));
}
