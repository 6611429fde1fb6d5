/**
 * What somebody who wrote `text` most likely meant, ready to be put into a message, or `undefined`:
 * `'sigint'` and `'INT'` for `'SIGINT'`, `'2'` for `2`, `'SIGTREM'` for `'SIGTERM'`.
 */
export function suggest(text: string, known: ReadonlyMap<unknown, number>): string | undefined {
  if (text.length > LONGEST) return undefined;
  const tidy = text.trim().toUpperCase();
  if (/^\d+$/.test(tidy)) return known.has(Number(tidy)) ? String(Number(tidy)) : undefined;
  const full = tidy.startsWith('SIG') ? tidy : `SIG${tidy}`;
  const name = known.has(full) ? full : closest(full, known);
  return name === undefined ? undefined : `'${name}'`;
}

const LONGEST = 20;

/** The one name that a single slip of the fingers away, if there is exactly one. */
function closest(text: string, known: ReadonlyMap<unknown, number>): string | undefined {
  // With so few letters everything is close to everything.
  if (text.length < 'SIG'.length + 3) return undefined;
  const near = [...known.keys()].filter(
    (name): name is string => typeof name === 'string' && isOneSlipAway(text, name),
  );
  return near.length === 1 ? near[0] : undefined;
}

/** One letter wrong, missing or too many, or two neighbours swapped. */
function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const restA = a.slice(start);
  const restB = b.slice(start);
  const swapped = restA.slice(1, 2) + restA.slice(0, 1) + restA.slice(2);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    swapped === restB
  );
}
