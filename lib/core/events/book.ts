/** Whoever takes signals in this thread, as `sigbridge/debug` shows it. */
export interface Taker {
  /** What it is: a listener, a channel and so on. */
  readonly kind: 'listener' | 'channel' | 'flag' | 'hold' | 'bridge';
  /** The signals that it takes. */
  readonly signals: readonly string[];
}

/** @internal Told of each taker. */
export interface Bookkeeper {
  /** May come before `opened`, or not at all. */
  made(taker: Taker): void;
  opened(taker: Taker): void;
  /** A channel's backlog is another. */
  changed(taker: Taker): void;
  closed(taker: Taker): void;
}

/** @internal `sigbridge/debug`, once it is loaded: nobody else needs to be told. */
export const book: { keeper: Bookkeeper | null } = { keeper: null };
