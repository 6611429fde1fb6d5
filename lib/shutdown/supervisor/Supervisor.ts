/** Whoever has started this process and wants to know how it fares. */
export interface Supervisor extends Disposable {
  /** `null`: nobody who does. */
  readonly kind: 'systemd' | 'pm2' | null;
  /**
   * The program is at work: call it when it listens. Gives whether there was somebody to tell.
   * @throws a `SignalError` with `errno` where systemd's socket does not take it
   */
  ready(): boolean;
  /** One line for people, which `systemctl status` shows. Gives and throws as `ready`; PM2 has no such thing. */
  status(text: string): boolean;
  /** Nothing is told, or taken, any more. */
  close(): void;
}
