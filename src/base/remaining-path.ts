/** What comes after what, by index. */
export interface PathNode {
  readonly after: readonly number[];
  /** What it adds to a path; 1 where nothing is known. */
  readonly weight?: number;
}

/** From each node to the end of the longest path that begins with it, itself included; members of a cycle count alone. */
export function remainingPaths(nodes: readonly PathNode[]): readonly number[] {
  const open = nodes.map(() => 0);
  for (const { after } of nodes) {
    for (const before of after) open[before] = (open[before] ?? 0) + 1;
  }
  const lengths = nodes.map(({ weight }) => weight ?? 1);
  const done = open.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < done.length; at += 1) {
    const index = done[at] ?? 0;
    const length = lengths[index] ?? 0;
    for (const before of nodes[index]?.after ?? []) {
      lengths[before] = Math.max(lengths[before] ?? 0, length + (nodes[before]?.weight ?? 1));
      open[before] = (open[before] ?? 0) - 1;
      if (open[before] === 0) done.push(before);
    }
  }
  return lengths;
}
