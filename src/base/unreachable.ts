import { AssertionError } from "./assert.ts";

/**
 * The `default` of an exhaustive switch: a new variant of the union stops compiling here. Reached at
 * run time only when a value broke its type at an edge, which is a bug, so it throws.
 */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${describe(value)}`);
}

/** Names the variant and not its content, which may hold what a log must not show. */
function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  if ("kind" in value && typeof value.kind === "string") return `kind ${value.kind}`;
  if ("state" in value && typeof value.state === "string") return `state ${value.state}`;
  return "object";
}
