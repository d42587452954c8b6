/** One at a time for each key, in the order asked. */
export class Locks {
  readonly #tails = new Map<string, Promise<void>>();

  async hold<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    this.#tails.set(
      key,
      mine.then(
        () => undefined,
        () => undefined,
      ),
    );
    return await mine;
  }
}
