import { AssertionError } from "./assert.ts";

/** Deeper than any value of ours; a cycle ends here with a message and not with the stack. */
const DEPTH_MAX = 200;

/**
 * JSON with sorted keys and no blanks: equal values give equal bytes, so that decisions can be
 * compared, hashed and replayed. Keys sort by UTF-16 code unit, which no locale changes.
 * `undefined` properties are left out, as in `JSON.stringify`; whatever JSON cannot say without
 * loss (NaN, functions, dates, maps, cycles) is a bug of the caller and throws.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new AssertionError(`canonical JSON: deeper than ${DEPTH_MAX}`);
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value))
        throw new AssertionError(`canonical JSON: ${value} is no number`);
      return JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return writeArray(value, depth);
      return writeObject(value, depth);
    default:
      throw new AssertionError(`canonical JSON: a ${typeof value} has no form`);
  }
}

function writeArray(items: readonly unknown[], depth: number): string {
  return `[${items.map((item) => write(item, depth + 1)).join(",")}]`;
}

function writeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new AssertionError("canonical JSON: only plain objects and arrays have a form");
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, depth + 1)}`);
  return `{${members.join(",")}}`;
}
