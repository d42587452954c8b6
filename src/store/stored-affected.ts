import type { Affected } from "../core/change/affected.ts";
import { IMPLICIT_STACK } from "../core/config/stack.ts";

/** What an older server wrote, and still writes while both run, has no stack. */
type StoredAffected = Omit<Affected, "stack"> & Partial<Pick<Affected, "stack">>;

export function readAffected(stored: StoredAffected): Affected {
  return { stack: { name: IMPLICIT_STACK, applyAfter: [], variables: {} }, ...stored };
}
