/**
 * The wish to end early, seen by everything that waits or runs a tool. `requested` is graceful: tools
 * are interrupted once and may save their state. `forced` comes with a second signal, when whoever
 * started this job is about to end it anyway.
 */
export class Stop {
  #reason: string | undefined;
  #forced = false;
  /** The terminal already sent the interrupt to the whole process group; a second one would make terraform drop its state. */
  #toolsKnow = false;
  readonly #listeners = new Set<() => void>();

  /** Why, as a sentence for people; undefined while nothing asks to stop. */
  get reason(): string | undefined {
    return this.#reason;
  }

  get forced(): boolean {
    return this.#forced;
  }

  get toolsKnow(): boolean {
    return this.#toolsKnow;
  }

  request(reason: string, toolsKnow = false): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#toolsKnow = toolsKnow;
    this.#tell();
  }

  force(): void {
    if (this.#forced) return;
    this.#forced = true;
    this.#tell();
  }

  /** Calls back at every change, also for one that came before; returns how to end that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#reason !== undefined || this.#forced) listener();
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
