/**
 * A type that only its parser can make. Shas, branch names and logins are all strings and easy to
 * swap; a brand makes the swap a compile error and costs nothing at run time.
 */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** Milliseconds since the Unix epoch. The pure folders never read a clock: an instant is an argument. */
export type Instant = Brand<number, "Instant">;
