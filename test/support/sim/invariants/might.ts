import type { AccountId } from "../../../../src/core/ids.ts";
import { allows } from "../../../../src/core/pull-request.ts";
import type { GrantGhost } from "../ghost.ts";
import type { World } from "../world.ts";

const LATE_MS = 60_000;

/** Somebody who was asked about while the permission was asked for may have been told what held then. */
export function mightWrite({ rights }: World, id: AccountId, grant: GrantGhost): boolean {
  return during(rights.get(id) ?? [], grant).some(({ right }) => allows(right, "write"));
}

export function mightBeInOps({ forge }: World, id: AccountId, grant: GrantGhost): boolean {
  return during(forge.ops.get(id) ?? [], grant).some(({ isIn }) => isIn);
}

function during<T extends { readonly at: number }>(
  past: readonly T[],
  { askedAt }: GrantGhost,
): readonly T[] {
  const from = askedAt - LATE_MS;
  const since = past.findLast((one) => one.at <= from);
  return [...(since === undefined ? [] : [since]), ...past.filter((one) => one.at > from)];
}
