import { shortCommand } from '../../base/text/shortened.js';
import { paint, printable, type Style } from '../../base/text/table.js';
import type { Arrival } from './Arrival.js';
import { ancestorsOf, callOf, type Person } from './people.js';
import { codeName } from './sender.js';

const SHOWN_ANCESTORS = 4;

/** @internal One line: when, what, from whom, to whom, and what became of it. */
export function lineOf(arrival: Arrival, clock: string, color: boolean): string {
  const { signal, number, code, target, thread } = arrival;
  const how = codeName(number, code);
  const what =
    paint(signal, 'strong', color) + (code === 0 ? '' : paint(` [${how}]`, 'faint', color));
  const whom =
    personText(target) + (thread === null || thread === target.pid ? '' : ` thread ${thread}`);
  const became = paint(outcomeText(arrival), styleOf(arrival), color);
  return `${paint(clock, 'faint', color)}  ${what}  ${senderText(arrival, color)} → ${whom}: ${became}\n`;
}

function senderText({ sender, reason, target }: Arrival, color: boolean): string {
  if (sender === null) return `the kernel${reason === null ? '' : ` (${reason})`}`;
  const own = sender === target ? 'itself' : personText(sender);
  const above = ancestorsOf(sender).slice(0, SHOWN_ANCESTORS).map(personText);
  const because = reason === null ? '' : ` (${reason})`;
  return own + because + paint(above.map((one) => ` < ${one}`).join(''), 'faint', color);
}

/** @internal */
export function personText(person: Person): string {
  const ended = person.ended ? ' (ended)' : '';
  return `${person.pid} ${printable(shortCommand(callOf(person)))}${ended}`;
}

function outcomeText({ outcome, handler, after, signal }: Arrival): string {
  const time = after === null || after < 1000 ? '' : ` after ${durationText(after)}`;
  switch (outcome) {
    case 'handled':
      return `handled by ${printable(handler ?? '?')}${time}`;
    case 'default':
      return `${signal === 'SIGCONT' ? 'continues' : defaultText(signal)}${time}`;
    case 'killed':
      return `killed it${time}`;
    case 'ignored':
      // It continues a stopped process whoever ignores it: signal(7).
      return signal === 'SIGCONT' ? 'nobody handles it (it continues what is stopped)' : 'ignored';
    case 'merged':
      return 'one was pending already: the two are one';
    case 'refused':
      return 'refused: the queue of its user is full';
    case 'taken':
      return `taken without a handler (sigwait, signalfd)${time}`;
    case 'pending':
      return 'pending: blocked, or the process is stopped';
    case 'ended':
      return 'the process ended, and nobody was seen taking it';
    default:
      return 'unknown: events were lost';
  }
}

function defaultText(signal: string): string {
  return ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'].includes(signal) ? 'stops it' : 'nothing';
}

function durationText(micros: number): string {
  return micros < 1e6 ? `${(micros / 1000).toFixed(1)} ms` : `${(micros / 1e6).toFixed(2)} s`;
}

function styleOf({ outcome }: Arrival): Style | undefined {
  return outcome === 'killed' || outcome === 'refused' ? 'warning' : undefined;
}
