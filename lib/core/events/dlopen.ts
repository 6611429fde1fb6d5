/** What wants to know of each `process.dlopen` of this thread, which loads native addons. */
export interface Loading {
  readonly before?: () => void;
  readonly after?: () => void;
}

type Dlopen = (this: unknown, ...args: Parameters<typeof process.dlopen>) => void;

const told: Loading[] = [];
let original: Dlopen | undefined;

/** Until {@link leaveLoading}. */
export function followLoading(loading: Loading): void {
  told.push(loading);
  if (original !== undefined) return; // still there, inside somebody else's
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with whatever `this` comes
  original = process.dlopen;
  process.dlopen = tellingDlopen;
}

export function leaveLoading(loading: Loading): void {
  told.splice(told.indexOf(loading), 1);
  // Somebody may have wrapped it since: then ours stays, and does nothing of its own.
  const isOnTop = process.dlopen === tellingDlopen;
  if (told.length > 0 || !isOnTop || original === undefined) return;
  process.dlopen = original;
  original = undefined;
}

function tellingDlopen(this: unknown, ...args: Parameters<Dlopen>): void {
  for (const loading of told) loading.before?.();
  try {
    if (original !== undefined) Reflect.apply(original, this, args);
  } finally {
    for (const loading of told) loading.after?.();
  }
}
