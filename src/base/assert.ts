/** What a broken invariant throws: a bug of ours, never the user's failure. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * States an invariant, also in production. The message says which rule broke, so that a report can
 * be understood without the source.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The value, where the code around it already proved that it is there. */
export function present<T>(value: T, message: string): NonNullable<T> {
  if (value === undefined || value === null) throw new AssertionError(message);
  return value;
}
