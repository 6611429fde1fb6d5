import { EXIT, UsageError, type Command } from '../Command.js';
import { parse, parseInteger, parsePid, parseSignal } from '../args.js';

/** `sigbridge send`: kill(2), and sigqueue(3) which kill(1) of many systems lacks. */
export const command: Command = {
  name: 'send',
  summary: 'send a signal, real-time ones and values included',
  help: `Usage: sigbridge send <pid> <signal> [--value n]

Sends a signal, by name (SIGTERM, SIGRTMIN+3, SIGRTMAX-1) or number, to a process.

Options:
  --value n   queue it with this 32-bit value (a negative one as --value=-1)
  -h, --help  this text
`,
  async run(args, io) {
    const { values, positionals } = parse(args, { value: { type: 'string' } });
    const [target, text, ...more] = positionals;
    if (target === undefined || text === undefined || more.length > 0) {
      throw new UsageError("'send' takes a pid and a signal.");
    }
    const pid = parsePid(target);
    const value = values.value === undefined ? undefined : parseInteger('value', values.value);
    const { toName, toNumber } = await import('../../base/signal/names.js');
    const number = toNumber(parseSignal(text));
    const { send } = await import('../../core/lowlevel/send.js');
    send(pid, number, value === undefined ? {} : { value });
    const what = `${toName(number)} (${number})`;
    const extra = value === undefined ? '' : ` with value ${value}`;
    io.out(`Sent ${what} to process ${pid}${extra}.\n`);
    return EXIT.ok;
  },
};
