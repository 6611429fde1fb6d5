import type { HandlerPlace } from '../look/handler.js';
import type { Disposition } from '../look/disposition.js';

/** A signal that sigbridge manages, and whose disposition somebody else has set since. */
export interface Displacement {
  /** The signal's name. */
  readonly signal: string;
  /** What it was set to. */
  readonly disposition: Disposition;
  /** Whose handler stands there now; `null` for the default, and for an ignored signal. */
  readonly by: HandlerPlace | null;
}
