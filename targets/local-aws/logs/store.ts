/** One line of a log group. */
export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly stream: string;
}

/** The most recent lines that a group keeps; older ones are gone, where AWS would keep them for days. */
const KEPT = 100_000;

/** CloudWatch Logs, as far as this machine writes any: REPORT lines of functions, and the gateway's access log. */
export class LogStore {
  readonly #groups = new Map<string, LogEvent[]>();

  put(group: string, stream: string, message: string): void {
    const events = this.#groups.get(group) ?? [];
    events.push({ timestamp: Date.now(), message, stream });
    // Cut rarely, so that keeping the newest costs nothing to speak of.
    if (events.length >= 2 * KEPT) events.splice(0, events.length - KEPT);
    this.#groups.set(group, events);
  }

  /** The lines of a group from the first to the last millisecond given; undefined when there is no such group. */
  find(group: string, from: number, to: number): readonly LogEvent[] | undefined {
    return this.#groups.get(group)?.filter(({ timestamp }) => timestamp >= from && timestamp <= to);
  }
}
