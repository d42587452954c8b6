/** GitHub allows 100 calls at a time, of all that speak for an installation. */
const CALLS_MAX = 50;

/** Lets so many calls of one caller run at a time; the others wait in line. */
export class Slots {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#running >= CALLS_MAX) {
      // Whoever leaves hands the place over, so that nobody new slips in between.
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#running += 1;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
