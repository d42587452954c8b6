import type { CallClass } from "./limiter.ts";

/** Something on the wire that GitHub's own description does not allow, and how often. */
export interface Violation {
  readonly where: string;
  readonly problem: string;
  readonly times: number;
}

/** What crossed the wire: how often each operation was called, and every mismatch with the description. */
export class Journal {
  /** Answers of 304, which cost nothing. */
  unchanged = 0;
  readonly #calls = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #violations = new Map<string, Violation>();

  called(operation: string): void {
    this.#calls.set(operation, (this.#calls.get(operation) ?? 0) + 1);
  }

  /** How many calls there were of each class that GitHub limits by itself, and of the app for itself. */
  readonly classes: Record<CallClass | "app", number> = {
    read: 0,
    write: 0,
    content: 0,
    graphql: 0,
    app: 0,
  };

  classed(kind: CallClass | "app"): void {
    this.classes[kind] += 1;
  }

  sent(event: string): void {
    this.#events.set(event, (this.#events.get(event) ?? 0) + 1);
  }

  violated(where: string, problems: readonly string[]): void {
    for (const problem of problems) {
      const key = `${where} ${problem}`;
      const times = (this.#violations.get(key)?.times ?? 0) + 1;
      this.#violations.set(key, { where, problem, times });
    }
  }

  calls(): Readonly<Record<string, number>> {
    return sorted(this.#calls);
  }

  events(): Readonly<Record<string, number>> {
    return sorted(this.#events);
  }

  violations(): readonly Violation[] {
    return [...this.#violations.values()];
  }
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
