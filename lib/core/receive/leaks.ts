/** Something that holds on to signals, and can be given up without its owner. */
export interface Leakable {
  readonly what: string;
  close(): void;
}

let warned = false;

const registry = new FinalizationRegistry<Leakable>((leaked) => {
  leaked.close();
  if (warned) return;
  warned = true;
  process.emitWarning(
    `${leaked.what} was garbage-collected without close(); it has been closed now. ` +
      'Further ones are closed without a warning.',
    'SignalLeakWarning',
  );
});

/** Closes `core` when its `owner` is garbage-collected; the first time with a warning. */
export function closeWhenCollected(owner: object, core: Leakable): void {
  registry.register(owner, core, core);
}

/** `core` was closed as it should be. */
export function forgetLeak(core: Leakable): void {
  registry.unregister(core);
}
