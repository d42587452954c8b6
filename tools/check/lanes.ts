/**
 * Runs all in order, those that `shares` says two at a time, any other while nothing else runs.
 * The results are in the order of `all`; an error comes out when all have run.
 */
export async function inLanes<T, R>(
  all: readonly T[],
  shares: (one: T) => boolean,
  run: (one: T) => Promise<R>,
  lanes = 2,
): Promise<readonly R[]> {
  const results: Promise<R>[] = [];
  const running = new Set<Promise<unknown>>();
  for (const one of all) {
    const room = shares(one) ? lanes : 1;
    while (running.size >= room) await Promise.race(running);
    const result = run(one);
    const ended = Promise.allSettled([result]);
    running.add(ended);
    void ended.then(() => running.delete(ended));
    results.push(result);
    // What runs alone keeps everything after it waiting, too.
    if (!shares(one)) await ended;
  }
  await Promise.allSettled(results);
  return Promise.all(results);
}
