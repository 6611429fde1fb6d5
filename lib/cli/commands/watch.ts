import { UsageError, type Command, type Io } from '../Command.js';
import { parse, parsePid, parseSignal } from '../args.js';
import { isColored } from '../colored.js';

/** `sigbridge watch`: every signal on its way, as the kernel records it. */
export const command: Command = {
  name: 'watch',
  summary: 'who sends which signal to whom, as the kernel records it',
  help: `Usage: sigbridge watch [options] <pid>… | --all | --command <name>
       sigbridge watch [options] --exec <command> [arguments]

Shows every signal from or to these processes while it is sent, SIGKILL and the
kernel's own included: when, from whom (command and ancestors, also of who has
ended meanwhile), to whom, and what became of it: handled, by what; ignored;
pending; folded into one that was pending; the end of the process. In the end,
who sent how many to whom. Needs root and tracefs (Linux).

Options:
  --all             all processes
  --command <name>  those of that name, be it as sender or as receiver
  --exec <command>  starts this, and watches it and all that it starts; the rest
                    of the line is its own. Ends as it ends, and writes to
                    standard error
  --signal <list>   these signals alone: SIGKILL,SIGTERM
  --for <seconds>   ends then; otherwise by Ctrl+C
  --json            a line of JSON for each signal, and one for the end
  -h, --help        this text
`,
  async run(args, io) {
    const at = args.indexOf('--exec');
    const words = at < 0 ? null : args.slice(at + 1);
    const { values, positionals } = parse(at < 0 ? args : args.slice(0, at), {
      all: { type: 'boolean' },
      command: { type: 'string' },
      signal: { type: 'string' },
      for: { type: 'string' },
      json: { type: 'boolean' },
    });
    const pids = positionals.map(parsePid);
    const ways = [pids.length > 0, values.all === true, words !== null];
    const chosen = ways.filter(Boolean).length;
    if (chosen > 1 || (chosen === 0 && values.command === undefined)) {
      throw new UsageError("'watch' takes pids, or --all, or --command, or --exec with a command.");
    }
    if (words?.length === 0) throw new UsageError('--exec takes a command.');
    const { toNumber } = await import('../../base/signal/names.js');
    const signals = (values.signal ?? '')
      .split(',')
      .filter((text, _at, all) => text !== '' || all.length > 1)
      .map((text) => toNumber(parseSignal(text)));
    const seconds = values.for === undefined ? null : parseSeconds(values.for);
    const wanted = { signals, pids, command: values.command ?? null, follow: null };
    const { session } = await import('../watch/session.js');
    const options = { json: values.json === true, seconds };
    if (words !== null)
      return session({ ...wanted, follow: words.join(' ') }, words, options, toError(io));
    for (const pid of pids) await requireProcess(pid);
    return session({ ...wanted, pids: pids.length > 0 ? pids : null }, null, options, io);
  },
};

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds === 0 || seconds > 2_000_000) {
    throw new UsageError(`Invalid time: '${text}'; expected seconds, such as 60 or 0.5.`);
  }
  return seconds;
}

async function requireProcess(pid: number): Promise<void> {
  const { existsSync } = await import('node:fs');
  if (existsSync(`/proc/${pid}`)) return;
  const { SignalError } = await import('../../base/errors/SignalError.js');
  throw new SignalError('ERR_NO_SUCH_PROCESS', `There is no process ${pid}.`);
}

// Standard output is the command's.
function toError(io: Io): Io {
  const err = (text: string): void => {
    io.err(text);
  };
  return { out: err, err, color: isColored(process.stderr) };
}
