/** Lets something run that is awaited later; should it fail before that, it is no stray rejection. */
export function meanwhile<T>(running: Promise<T>): Promise<T> {
  running.catch(() => undefined);
  return running;
}
