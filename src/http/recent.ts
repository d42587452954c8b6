interface Kept<V> {
  readonly at: number;
  readonly value: Promise<V>;
}

/**
 * Remembers answers for a while, so that pages which ask again cost the VCS nothing. Those who ask at
 * the same time share one call; a failure is not remembered.
 */
export class Recent<V> {
  readonly #kept = new Map<string, Kept<V>>();
  readonly #max: number;
  readonly #ms: number;
  readonly #now: () => number;

  constructor(limits: { readonly max: number; readonly ms: number }, now: () => number) {
    this.#max = limits.max;
    this.#ms = limits.ms;
    this.#now = now;
  }

  async get(key: string, ask: () => Promise<V>): Promise<V> {
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    const isFresh = known !== undefined && this.#now() - known.at <= this.#ms;
    const kept = isFresh ? known : { at: this.#now(), value: ask() };
    // Put back at the end: the one that was not asked for longest is let go first.
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#max && oldest !== undefined) this.#kept.delete(oldest);
    try {
      return await kept.value;
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      throw error;
    }
  }
}
