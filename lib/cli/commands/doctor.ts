import type { Answer, Cause, Diagnosis } from '../doctor/index.js';
import { SignalError } from '../../base/errors/SignalError.js';
import { EXIT, UsageError, type Command, type Io } from '../Command.js';
import { parse, parsePid, parseSignal } from '../args.js';
import { paint, printable, type Style } from '../../base/text/table.js';

const ROUTES = ['key', 'kill'] as const;

type Route = (typeof ROUTES)[number];

/** `sigbridge doctor`: why a signal does nothing to a process, in plain words. */
export const command: Command = {
  name: 'doctor',
  summary: 'why Ctrl+C, or any other signal, does nothing to a process',
  help: `Usage: sigbridge doctor [pid] [--signal SIGINT] [--by key|kill] [--json]

Says what will happen to a signal and why, with what was seen in the system, what
is concluded from it, and what to do about it; for any process, Node or not.
Nothing is asked of the process itself. Where a thread may be stuck, it is
watched, for 0.3 to 1.5 s.
Without a pid: each process of this terminal's foreground job.

Options:
  --signal s  the signal, by name or number; default SIGINT
  --by key    judge by the key of the terminal that sends the signal (Ctrl+C);
              default for SIGINT, SIGQUIT, SIGTSTP to a process on a terminal
  --by kill   judge by kill(2), as kill, docker stop, systemd use it
  --json      { pid, command, signal, number, by, disposition, acts, verdict,
              causes: [{ rule, importance, title, evidence, conclusions, remedy,
              culprit }] }; acts is true, false or null; without a pid
              { terminal, group, processes: [...] }
  -h, --help  this text

Exit codes: 0 the signal will act, 1 it will not, 3 that cannot be told from
outside (and what would tell), 2 wrong usage, or the process cannot be read.
Without a pid: 1 if it will not act on one of them, else 3 if on one cannot be
told. Causes are explained in docs/troubleshooting.md.
`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      json: { type: 'boolean' },
      signal: { type: 'string' },
      by: { type: 'string' },
    });
    const [pid, ...more] = positionals;
    if (more.length > 0) throw new UsageError("'doctor' takes one pid.");
    const by = values.by === undefined ? {} : { by: parseRoute(values.by) };
    const options = { signal: parseSignal(values.signal ?? 'SIGINT'), ...by };
    const { diagnose, diagnoseJob } = await import('../doctor/index.js');
    const { toNumber } = await import('../../base/signal/names.js');
    toNumber(options.signal); // bad usage, before anything is found to be unreadable
    const target = pid === undefined ? undefined : parsePid(pid);
    return unreadable(io, async () => {
      if (target !== undefined) {
        const found = await diagnose(target, options);
        io.out(values.json === true ? json(found) : report(found, io.color));
        return exitCode([found]);
      }
      const job = await diagnoseJob(options);
      const { processes } = job;
      io.out(
        values.json === true ? json(job) : processes.map((one) => report(one, io.color)).join('\n'),
      );
      return exitCode(processes);
    });
  },
};

function parseRoute(text: string): Route {
  const route = ROUTES.find((one) => one === text);
  if (route === undefined) {
    throw new UsageError(`Invalid --by: '${printable(text)}'; expected 'key' or 'kill'.`);
  }
  return route;
}

async function unreadable(io: Io, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SignalError)) throw error;
    io.err(`sigbridge: ${error.message}\n`);
    return EXIT.unreadable;
  }
}

function exitCode(found: readonly Diagnosis[]): number {
  const has = (answer: Answer): boolean => found.some(({ acts }) => acts === answer);
  if (has(false)) return EXIT.refused;
  return has(null) ? EXIT.unknown : EXIT.ok;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

const MARKS: Record<Cause['importance'], { mark: string; style: Style }> = {
  prevents: { mark: 'Cause', style: 'warning' },
  unknown: { mark: 'Unknown', style: 'warning' },
  warning: { mark: 'Warning', style: 'warning' },
  note: { mark: 'Note', style: 'faint' },
};

function report({ verdict, causes }: Diagnosis, color: boolean): string {
  const head = `${paint(printable(verdict), 'heading', color)}\n`;
  return head + causes.map((cause) => `\n${section(cause, color)}`).join('');
}

function section(cause: Cause, color: boolean): string {
  const { rule, importance, title, evidence, conclusions, remedy } = cause;
  const { mark, style } = MARKS[importance];
  const advice = importance === 'unknown' ? 'to tell' : 'remedy ';
  const lines = [
    `${paint(`${mark}:`, style, color)} ${printable(title)} ${paint(`[${rule}]`, 'faint', color)}`,
    ...evidence.map((line) => `  seen    ${printable(line)}`),
    ...conclusions.map((line) => `  so      ${printable(line)}`),
    ...remedy.map((line) => `  ${advice} ${printable(line)}`),
  ];
  return `${lines.join('\n')}\n`;
}
