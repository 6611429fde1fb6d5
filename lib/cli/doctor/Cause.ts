/** Another process that a cause points to. */
export interface Culprit {
  pid: number;
  command: string;
}

/**
 * How much it counts: `'prevents'` alone keeps the signal from acting, `'unknown'` leaves open whether it
 * acts, `'warning'` lets it act otherwise than expected, `'note'` is good to know.
 */
export type Importance = 'prevents' | 'unknown' | 'warning' | 'note';

/** Why a signal does nothing, or not what was expected. */
export interface Cause {
  /** The rule's name, which is a heading in docs/troubleshooting.md. */
  rule: string;
  importance: Importance;
  /** One clause that stands on its own. */
  title: string;
  /** What was read from the system, and nothing else, a sentence each. */
  evidence: string[];
  /** What follows from it by how such programs behave, but was not seen, a sentence each. */
  conclusions: string[];
  /** What to do about it, or, where it is unknown, what would tell, a sentence each. */
  remedy: string[];
  /** The process to look at next: who introduced it, who stands between; `null` for none. */
  culprit: Culprit | null;
}

/** What a rule finds; its name is added by whoever runs it. */
export type Finding = Omit<Cause, 'rule' | 'culprit' | 'conclusions'> & {
  culprit?: Culprit;
  conclusions?: string[];
};
