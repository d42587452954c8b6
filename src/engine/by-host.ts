/** Enough for what is quick, and few for a host that lets every call wait. */
const AT_ONCE = 5;

/**
 * Does what is to be done with each, the hosts beside one another and of each host a few at a time: one that answers late
 * or never holds up only its own (L36). The order is that of the items, and what `work` throws is the caller's.
 */
export async function byHost<T>(
  items: readonly T[],
  hostOf: (item: T) => string,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const hosts = new Map<string, T[]>();
  for (const item of items) {
    const known = hosts.get(hostOf(item));
    if (known === undefined) hosts.set(hostOf(item), [item]);
    else known.push(item);
  }
  await Promise.all([...hosts.values()].flatMap((own) => workers(own, work)));
}

/** Each takes the next that nobody has taken. */
function workers<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): readonly Promise<void>[] {
  const left = items.values();
  return Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
    for (const item of left) await work(item);
  });
}
