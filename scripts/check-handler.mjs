// Fails when something that may run inside a signal handler is not safe there.
//
// The sources are compiled by GCC without optimisation, so that every call is seen, and with
// -fcallgraph-info, which writes who calls whom. From each function that is defined in
// native/engine/handler/, marked or not, and from each that carries a mark of in_handler.h there, the
// calls are followed, inline functions of system headers included.
// It is a fault
//   - to call a function of another library that scripts/async-signal-safe.mjs does not list
//     (malloc, a lock, the guard of a static variable, thread-local storage of a loaded library);
//   - to call a function of ours that stands elsewhere and carries no mark: it was not written for a
//     handler;
//   - to call through a pointer in a function that is not marked SB_CALLS_OUT;
//   - to give sigaction a function of ours that is not marked SB_HANDLER_ENTRY.
//
// clang-tidy's bugprone-signal-handler sees one translation unit and C functions only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncSignalSafe } from './async-signal-safe.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const samples = 'scripts/check-handler.samples';
/** Everything in here is reachable from a handler, whoever calls it. */
const handlerFolder = 'native/engine/handler';
const marks = ['SB_HANDLER_ENTRY', 'SB_IN_HANDLER', 'SB_CALLS_OUT'];
const indirect = '__indirect_call';

class Sources {
  #texts = new Map();

  /** The file's text with comments, strings and preprocessor lines blanked, offsets kept. */
  text(file) {
    if (!this.#texts.has(file)) {
      const blank = (match) => match.replace(/[^\n]/g, ' ');
      const text = readFileSync(path.resolve(root, file), 'utf8')
        .replace(/\/\/[^\n]*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/g, blank)
        .replace(/^[ \t]*#(?:[^\n]*\\\n)*[^\n]*/gm, blank);
      this.#texts.set(file, text);
    }
    return this.#texts.get(file);
  }

  /** The marks in the declaration that has its name at this place. */
  marksAt(file, line, column) {
    const text = this.text(file);
    let at = 0;
    for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
    at += column - 1;
    const start = Math.max(...[';', '{', '}'].map((end) => text.lastIndexOf(end, at - 1))) + 1;
    const length = text.slice(at).search(/[;{]/);
    const declaration = text.slice(start, length < 0 ? undefined : at + length);
    return new Set(marks.filter((mark) => new RegExp(`\\b${mark}\\b`).test(declaration)));
  }

  /** How many definitions in this file are marked as what the kernel calls. */
  countEntries(file) {
    return [...this.text(file).matchAll(/\bSB_HANDLER_ENTRY\b[^;{]*\{/g)].length;
  }

  /** Names that this file stores as a handler for sigaction. */
  installed(file) {
    return [...this.text(file).matchAll(/\bsa_(?:sigaction|handler)\s*=\s*&?([\w:]+)\s*;/g)].map(
      ([, name]) => name.split('::').at(-1),
    );
  }
}

/** "static int sb::Table<T>::find(int) [with T = int]" -> "sb::Table::find" */
function shortName(label) {
  let name = label.replace(/ \[with .*\]$/, '').replaceAll('{anonymous}::', '');
  const lambda = name.includes('<lambda') ? '::lambda' : '';
  const operator = /[\w:]*\boperator\b *(\(\)|[^(]*)/.exec(name)?.[0];
  if (operator) return operator;
  name = name.replace(/\(.*$/, '');
  while (/<[^<>]*>/.test(name)) name = name.replace(/<[^<>]*>/g, '');
  return /[\w:~]*$/.exec(name)[0] + lambda;
}

/** The call graph of some sources: functions by id, with what each calls and where. */
class CallGraph {
  functions = new Map();

  constructor(files, includes) {
    const folder = mkdtempSync(path.join(tmpdir(), 'check-handler-'));
    try {
      files.forEach((file, index) => {
        const output = path.join(folder, `${index}.s`);
        compile(file, output, includes);
        this.#readCalls(readFileSync(path.join(folder, `${index}.ci`), 'utf8'));
        this.#readAssembly(file, readFileSync(output, 'utf8'));
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  #readCalls(ci) {
    for (const [, id, label, external] of ci.matchAll(
      /^node: \{ title: "([^"]*)" label: "([^"]*)"( shape : ellipse)? \}$/gm,
    )) {
      const known = this.functions.get(id);
      if (known?.defined) continue;
      const [name, place = ''] = label.split('\\n');
      const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
      const calls = known?.calls ?? [];
      this.functions.set(id, {
        id,
        name: shortName(name),
        defined: !external,
        file,
        line: Number(line),
        column: Number(column),
        calls,
      });
    }
    for (const [, from, to, place] of ci.matchAll(
      /^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)" label: "([^"]*)" \}$/gm,
    )) {
      const { calls } = this.functions.get(from);
      if (!calls.some((call) => call.to === to)) {
        calls.push({ to, place: place.replace(/:\d+$/, '') });
      }
    }
  }

  /** What only the assembly shows: second names of constructors, and calls made by the compiler. */
  #readAssembly(file, assembly) {
    const idOf = (symbol) =>
      [`${file}:${symbol}`, symbol].find((id) => this.functions.get(id)?.defined);

    for (const [, alias, symbol] of assembly.matchAll(/^\s*\.set\s+([\w.$]+),\s*([\w.$]+)$/gm)) {
      const target = this.functions.get(idOf(symbol));
      if (!target) continue;
      for (const id of [`${file}:${alias}`, alias]) {
        if (!this.functions.get(id)?.defined) this.functions.set(id, target);
      }
    }

    let current;
    for (const line of assembly.split('\n')) {
      const label = /^([A-Za-z_$][\w.$]*):/.exec(line)?.[1];
      if (label) current = this.functions.get(idOf(label));
      const callee = /tlsdesc/i.test(line)
        ? '__tls_get_addr'
        : /^\s+(?:data16\s+|rex64\s+)*(?:call|bl)q?\s+\*?([A-Za-z_$][\w.$]*)/.exec(line)?.[1];
      if (!current || !callee || idOf(callee) || this.functions.has(`${file}:${callee}`)) continue;
      if (current.calls.some(({ to }) => to === callee)) continue;
      if (!this.functions.has(callee)) {
        this.functions.set(callee, { id: callee, name: callee, defined: false, calls: [] });
      }
      current.calls.push({ to: callee, place: current.file && `${current.file}:${current.line}` });
    }
  }
}

function compile(file, output, includes) {
  const { status, stderr, error } = spawnSync(
    process.env.CXX ?? 'g++',
    [
      ...['-std=c++17', '-O0', '-fPIC', '-S', '-fcallgraph-info', '-D_GNU_SOURCE'],
      ...['-fno-exceptions', '-fno-rtti', '-fno-stack-protector', '-U_FORTIFY_SOURCE', '-w'],
      ...includes.map((include) => `-I${include}`),
      ...[file, '-o', output],
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${file} does not compile (GCC 10 or newer is needed):\n${stderr}`);
}

/** Walks from every marked function; gives back the faults found and a tree to print. */
function check(files, includes, ownFolder, reachableFolder) {
  const sources = new Sources();
  const { functions } = new CallGraph(files, includes);
  const faults = new Map();
  const fault = (what, trail) => {
    if (faults.has(what)) return;
    faults.set(what, trail.map(({ name }) => name).join(' -> '));
  };

  const isIn = (folder, { file }) =>
    file !== undefined &&
    !path.relative(path.join(root, folder), path.resolve(root, file)).startsWith('..');
  const isOurs = (f) => isIn(ownFolder, f);
  const place = ({ file, line }) => `${file}:${line}`;
  const ours = [...new Set(functions.values())].filter((f) => f.defined && isOurs(f));
  for (const f of ours) {
    f.marks = sources.marksAt(f.file, f.line, f.column);
    if (isIn(reachableFolder, f)) f.marks.add('SB_IN_HANDLER');
  }

  const reached = new Set();
  const externals = new Set();
  const tree = [];

  const visit = (f, trail, depth) => {
    const path = [...trail, f];
    const shown = isOurs(f);
    const again = reached.has(f) && f.calls.some(({ to }) => isOurs(functions.get(to)));
    if (shown) tree.push(`${'  '.repeat(depth)}${f.name}${again ? ' ...' : ''}`);
    if (reached.has(f)) return;
    reached.add(f);
    if (shown && f.marks.size === 0) {
      fault(`${f.name} (${place(f)}) is not marked SB_IN_HANDLER`, path);
      return;
    }
    for (const call of f.calls) {
      const callee = functions.get(call.to);
      if (call.to === indirect) {
        if (!f.marks?.has('SB_CALLS_OUT')) {
          const remedy = shown ? `, and ${f.name} is not marked SB_CALLS_OUT` : '';
          fault(`${call.place}: a call through a pointer${remedy}`, path);
        }
      } else if (callee.defined) {
        visit(callee, path, shown ? depth + 1 : depth);
      } else {
        externals.add(callee.id);
        if (!asyncSignalSafe.has(callee.id)) {
          fault(`${call.place}: ${callee.name} is not async-signal-safe`, [...path, callee]);
        }
      }
    }
  };

  const entries = ours.filter((f) => f.marks.has('SB_HANDLER_ENTRY'));
  for (const entry of entries) visit(entry, [], 0);
  // Reached from an entry through a pointer only, or not at all: held to the same rule.
  for (const f of ours) if (f.marks.size > 0 && !reached.has(f)) visit(f, [], 0);

  for (const file of new Set([...files, ...ours.map((f) => f.file)])) {
    for (const name of sources.installed(file)) {
      for (const f of ours.filter((f) => f.name.split('::').at(-1) === name)) {
        if (f.marks.has('SB_HANDLER_ENTRY')) continue;
        fault(`${f.name} (${place(f)}) is given to sigaction and not marked SB_HANDLER_ENTRY`, [f]);
      }
    }
  }

  return { faults, tree, entries, sources, externals, functions: [...reached].filter(isOurs) };
}

/** Each sample says in its first line what the check must answer. */
function selfTest() {
  let failed = 0;
  const names = readdirSync(path.join(root, samples), { recursive: true });
  for (const name of names.filter((name) => name.endsWith('.cc')).sort()) {
    const file = `${samples}/${name}`;
    const [, expected] = /^\/\/ expect: (.*)\n/.exec(readFileSync(path.join(root, file), 'utf8'));
    const { faults } = check([file], ['native'], samples, `${samples}/handler`);
    const found = [...faults].map(([what, trail]) => `${what} [${trail}]`);
    const right =
      expected === 'no fault'
        ? found.length === 0
        : found.join('; ').replaceAll(`${samples}/`, '') === expected;
    console.log(`${right ? 'ok    ' : 'WRONG '} ${name}: ${found.join('; ') || 'no fault'}`);
    if (right) continue;
    failed++;
    console.error(`       expected: ${expected}`);
  }
  return failed;
}

/** Node's headers (libuv's types are among them), from where the addon's build took them. */
function nodeIncludes() {
  const config = path.join(root, 'build/config.gypi');
  const nodedir = existsSync(config) && /"nodedir": "([^"]*)"/.exec(readFileSync(config, 'utf8'));
  const candidates = [nodedir && nodedir[1], path.resolve(process.execPath, '../..')];
  return candidates
    .filter(Boolean)
    .map((folder) => path.join(folder, 'include/node'))
    .filter((folder) => existsSync(folder))
    .slice(0, 1);
}

function main() {
  if (process.argv.includes('--self-test')) return selfTest() === 0;

  const { variables } = JSON.parse(readFileSync(path.join(root, 'native/sources.gypi'), 'utf8'));
  const files = [
    ...variables.engine_sources,
    ...variables.loop_sources,
    ...variables.report_sources,
    ...variables.dump_sources,
    ...variables.watchdog_sources,
  ];
  const groups = [files, variables.preload_sources].map((group) =>
    check(group, ['native', ...nodeIncludes()], 'native', handlerFolder),
  );
  // Two libraries: what the one calls by the C library's names, the other one stands before.
  const [result] = groups;
  for (const [what, trail] of groups[1].faults) result.faults.set(what, trail);

  for (const { tree, entries, functions, externals } of groups) {
    console.log(tree.join('\n'));
    console.log(
      `\n${entries.length} entries, ${functions.length} functions of ours, ` +
        `calls to ${[...externals].sort().join(' ')}\n`,
    );
  }

  const native = readdirSync(path.join(root, 'native'), { recursive: true })
    .filter((file) => /\.(cc|h)$/.test(file) && !file.startsWith('test/'))
    .map((file) => `native/${file}`);
  const marked = native.reduce((sum, file) => sum + result.sources.countEntries(file), 0);
  if (marked !== result.entries.length || marked === 0) {
    result.faults.set(
      `${marked} definitions are marked SB_HANDLER_ENTRY, ${result.entries.length} were compiled`,
      'in which file is the other one?',
    );
  }

  for (const [what, trail] of result.faults) console.error(`\nFAULT ${what}\n      ${trail}`);
  return result.faults.size === 0;
}

process.exitCode = main() ? 0 : 1;
