/** @internal What a closing server wants of a connection. */
export interface Connection {
  /** Tells the other side that no more requests are wanted. */
  announce(): void;
  /** Looks at it again, right after the loop has read what had come; closes it where nothing is under way. */
  look(quietMs: number): void;
  destroy(): void;
}

/**
 * Once a server closes: how long a first request, or the rest of a head or of a handshake, is waited for
 * after the last byte (a lost segment comes again within that), and how long at most for what keeps coming.
 */
export const HALF_MS = 500;
export const PATIENCE_MS = 1_000;

/** How long the other side has to close its end when ours is closed, and it has all that was sent. */
export const LINGER_MS = 500;
