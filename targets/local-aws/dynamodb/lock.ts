/** A readers-writer lock, first come first served: single operations share it, transactions have it alone. */
export class SharedLock {
  #shared = 0;
  #exclusive = false;
  readonly #waiting: { readonly exclusive: boolean; readonly enter: () => void }[] = [];

  async run<T>(mode: "shared" | "exclusive", work: () => Promise<T>): Promise<T> {
    const exclusive = mode === "exclusive";
    // Whoever waits goes first, else a stream of single operations would starve a transaction.
    if (this.#waiting.length > 0 || !this.#free(exclusive))
      await new Promise<void>((enter) => this.#waiting.push({ exclusive, enter }));
    else this.#take(exclusive);
    try {
      return await work();
    } finally {
      if (exclusive) this.#exclusive = false;
      else this.#shared--;
      this.#wake();
    }
  }

  #free(exclusive: boolean): boolean {
    return !this.#exclusive && (!exclusive || this.#shared === 0);
  }

  #take(exclusive: boolean): void {
    if (exclusive) this.#exclusive = true;
    else this.#shared++;
  }

  #wake(): void {
    for (let next = this.#waiting[0]; next && this.#free(next.exclusive); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.exclusive);
      next.enter();
    }
  }
}
