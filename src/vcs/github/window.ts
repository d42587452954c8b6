/** How much of it is left, and when all of it is there again. */
export interface Left {
  readonly limit: number;
  readonly left: number;
  readonly resetsAt: number;
}

/** How much of something happens within any stretch of time of that length: never more than so much. */
export class Window {
  readonly #max: number;
  readonly #periodMs: number;
  readonly #taken: { readonly at: number; readonly cost: number }[] = [];
  #used = 0;

  constructor(max: number, periodMs: number) {
    this.#max = max;
    this.#periodMs = periodMs;
  }

  waitMs(cost: number, leaves: number, now: number): number {
    if (!Number.isFinite(this.#max)) return 0;
    this.#forget(now);
    let excess = this.#used + cost - Math.max(cost, this.#max * (1 - leaves));
    if (excess <= 0) return 0;
    for (const one of this.#taken) {
      excess -= one.cost;
      if (excess <= 0) return Math.max(1, one.at + this.#periodMs - now);
    }
    return this.#periodMs;
  }

  take(cost: number, now: number): void {
    if (!Number.isFinite(this.#max)) return;
    // A clock that steps back frees nothing before its time.
    const at = Math.max(now, this.#taken.at(-1)?.at ?? now);
    this.#taken.push({ at, cost });
    this.#used += cost;
  }

  /** Undefined where there is no limit. */
  left(now: number): Left | undefined {
    if (!Number.isFinite(this.#max)) return undefined;
    this.#forget(now);
    const last = this.#taken.at(-1)?.at;
    const resetsAt = last === undefined ? now : last + this.#periodMs;
    return { limit: this.#max, left: Math.max(0, this.#max - this.#used), resetsAt };
  }

  #forget(now: number): void {
    for (let first = this.#taken[0]; first !== undefined; first = this.#taken[0]) {
      if (first.at + this.#periodMs > now) return;
      this.#taken.shift();
      this.#used -= first.cost;
    }
  }
}
