// What sigbridge tree has foretold of all that a signal meets, beside what became of each.
import { setTimeout as pass } from 'node:timers/promises';

/** As long as it may take on a loaded machine. */
const LONG_MS = 20_000;

/** What tree has said of each process that is met, beside what became of it; and of the one in question, what the doctor has said. */
export async function compared({ trees }, found, patient) {
  const met = flat(trees).filter(({ reached }) => reached);
  const wrong = [];
  for (const { pid, command, effect, acts, because } of met) {
    const say = (what) => wrong.push(`${pid} (${command}): ${effect} (${because}), really ${what}`);
    // Asked at another moment, one of the two may not know: a loop at work is sometimes between two looks.
    const bothKnow = acts !== null && found.acts !== null;
    if (pid === found.pid && bothKnow && (acts !== found.acts || effect !== found.effect))
      say(`the doctor says ${found.effect}`);
    const fits = FITS[effect];
    if (fits === undefined) continue;
    const until = Date.now() + (effect === 'nothing' ? 0 : LONG_MS);
    while (!fits(patient.state(pid)) && Date.now() < until) await pass(20);
    if (!fits(patient.state(pid))) say(patient.state(pid));
  }
  return { met: met.length, open: met.filter(({ acts }) => acts === null).length, wrong };
}

const FITS = {
  ends: (state) => state === 'gone',
  stops: (state) => state === 'T',
  nothing: (state) => state !== 'gone',
};

function flat(trees) {
  return trees.flatMap((one) => [one, ...flat(one.children)]);
}
