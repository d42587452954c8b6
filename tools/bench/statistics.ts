/** One figure over several runs. The median counts; the rest says how calm the machine was. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function spread(values: readonly number[]): Spread {
  return {
    median: percentile(values, 50),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    runs: values.length,
  };
}

/** The nearest rank, so that every percentile is a value that was measured. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(Math.ceil((percent / 100) * sorted.length), 1);
  return rounded(sorted[rank - 1] ?? Number.NaN);
}

/** Three significant digits are more than a shared machine gives; counts stay exact. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

/** The only value, or all different ones: a count that should be exact shows when it is not. */
export function exactly(values: readonly number[]): number | readonly number[] {
  const different = [...new Set(values)].toSorted((a, b) => a - b);
  const [only] = different;
  return only !== undefined && different.length === 1 ? only : different;
}

/**
 * Processor time of this process, garbage collection included. On a machine that others use as well it
 * says what a computation costs; the clock on the wall says how busy the others are.
 */
export function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const began = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(began);
  return { value, ms: (user + system) / 1_000 };
}
