import type { Log } from "../ports/log.ts";

/** What was started, to be stopped in the opposite order. */
export interface Undo {
  add(stop: () => unknown): void;
  all(): Promise<void>;
}

export function undoList(log: Log): Undo {
  const stops: (() => unknown)[] = [];
  let running: Promise<void> | undefined;
  async function run(): Promise<void> {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await stop();
      } catch (error) {
        log.warn({ err: error }, "a part of the server did not stop in order");
      }
    }
  }
  return {
    add: (stop) => stops.push(stop),
    all() {
      running ??= run();
      return running;
    },
  };
}
