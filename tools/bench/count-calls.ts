/** Calls of an adapter, and the time inside them, which is not the product's own. */
export class CallCounter {
  readonly calls = new Map<string, number>();
  insideMs = 0;

  reset(): void {
    this.calls.clear();
    this.insideMs = 0;
  }

  /** The adapter again, counted. */
  wrap<T extends object>(adapter: T): T {
    return new Proxy(adapter, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => this.#call(target, String(name), value, args);
      },
    });
  }

  async #call(
    target: object,
    name: string,
    method: CallableFunction,
    args: readonly unknown[],
  ): Promise<unknown> {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const began = performance.now();
    try {
      const answer: unknown = await Reflect.apply(method, target, args);
      return answer;
    } finally {
      this.insideMs += performance.now() - began;
    }
  }
}
