import type { Arrival } from './Arrival.js';
import { ancestorsOf, callOf, type Person } from './people.js';
import { codeName } from './sender.js';

/** @internal One line of JSON; the same `id` again for one that was pending. */
export function jsonOf(arrival: Arrival, wall: Date): string {
  const { id, time, signal, number, code, sender, reason, target, thread, outcome } = arrival;
  const { handler, after } = arrival;
  return `${JSON.stringify({
    id,
    time: wall.toISOString(),
    // As process.hrtime() counts.
    monotonicUs: time,
    signal,
    number,
    code: codeName(number, code),
    sender:
      sender === null ? null : { ...person(sender), ancestors: ancestorsOf(sender).map(person) },
    reason,
    target: { ...person(target), thread },
    outcome,
    handler,
    afterUs: after,
  })}\n`;
}

function person(one: Person): { pid: number; command: string; ended: boolean } {
  return { pid: one.pid, command: callOf(one), ended: one.ended };
}
