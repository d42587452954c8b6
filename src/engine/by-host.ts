/**
 * Does what is to be done with each, the hosts beside one another and what is of one host one after the other: one that
 * answers late or never holds up only its own (L36), and the order within a host is that of the items. What `work` throws
 * is the caller's.
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
  await Promise.all(
    [...hosts.values()].map(async (own) => {
      for (const item of own) await work(item);
    }),
  );
}
