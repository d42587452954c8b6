/** Performs items that come at the same moment together, each as if it had come alone. */
interface Batches<Item, Result> {
  /** Most items of one batch. */
  readonly itemsMax: number;
  /** Batches that run at the same time. */
  readonly runningMax: number;
  /** Items of one key are never in one batch. */
  readonly keyOf: (item: Item) => string;
  /** Whether an item of the batch is to blame; the others are tried by themselves then (L36). */
  readonly isOfOne: (error: unknown) => boolean;
  /** Results in the order of the items. */
  readonly perform: (items: readonly Item[]) => Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Whatever arrives while as many batches run as may is one batch afterwards: with nothing else to do an item waits
 * for nobody, and under load many items share a commit.
 */
export function batched<Item, Result>(
  batches: Batches<Item, Result>,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;

  function next(): void {
    while (running < batches.runningMax && waiting.length > 0) {
      const batch = takeBatch();
      running += 1;
      void perform(batch).finally(() => {
        running -= 1;
        next();
      });
    }
  }

  function takeBatch(): readonly Waiting<Item, Result>[] {
    const keys = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of waiting) {
      const key = batches.keyOf(one.item);
      const fits = batch.length < batches.itemsMax && !keys.has(key);
      if (fits) keys.add(key);
      (fits ? batch : rest).push(one);
    }
    waiting = rest;
    return batch;
  }

  async function perform(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await batches.perform(batch.map((one) => one.item));
      batch.forEach((one, at) => {
        one.resolve(results[at] as Result);
      });
    } catch (error) {
      if (batch.length > 1 && batches.isOfOne(error)) {
        for (const one of batch) await perform([one]);
        return;
      }
      for (const one of batch) one.reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // What else arrived in this turn of the event loop comes along.
      if (waiting.length === 1) queueMicrotask(next);
    });
}
