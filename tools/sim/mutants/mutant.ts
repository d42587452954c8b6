/** One seeded bug: what a tired person might type, and what the proof has to find. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /**
   * `simulation`: the invariants of the simulated world; `histories`: the comparison of the two stores;
   * `interleavings`: the invariants of PostgreSQL, in every order of the statements of two transactions.
   */
  readonly by: "simulation" | "histories" | "interleavings";
}

/** A replacement that fits exactly one place of the file. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** How often the edit's text is in the source: once, or the table has rotted. */
export function occurrences(source: string, { find }: Edit): number {
  return source.split(find).length - 1;
}
