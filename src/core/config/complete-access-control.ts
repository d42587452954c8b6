import type { AccessControl, AccessPolicy } from "./access-control.ts";
import { completeMatches, completeQuery } from "./complete-query.ts";
import type { Match } from "./match.ts";
import type { RawAccessControl, RawAccessPolicy } from "./schema/access-control.ts";

const ANYONE: readonly Match[] = [{ kind: "anyone" }];

/**
 * A section without `enabled` is meant, so that rules which somebody wrote are never passed over;
 * without the section there are no rules to enforce. The language leaves this to the server.
 */
export function completeAccessControl(raw: RawAccessControl | null | undefined): AccessControl {
  return {
    enabled: raw?.enabled ?? (raw !== undefined && raw !== null),
    applyRequireAllDirspaceAccess: raw?.apply_require_all_dirspace_access ?? true,
    planRequireAllDirspaceAccess: raw?.plan_require_all_dirspace_access ?? false,
    configUpdate: matches(raw?.terrateam_config_update, ANYONE),
    ciConfigUpdate: matches(raw?.ci_config_update, ANYONE),
    unlock: matches(raw?.unlock, ANYONE),
    files: completeFiles(raw?.files),
    policies: (raw?.policies ?? [{ tag_query: "" }]).map(completePolicy),
  };
}

function completePolicy(raw: RawAccessPolicy): AccessPolicy {
  return {
    tagQuery: completeQuery(raw.tag_query),
    plan: matches(raw.plan, ANYONE),
    apply: matches(raw.apply, ANYONE),
    applyAutoapprove: completeMatches(raw.apply_autoapprove),
    applyForce: completeMatches(raw.apply_force),
    applyWithSuperapproval: completeMatches(raw.apply_with_superapproval),
    superapproval: completeMatches(raw.superapproval),
  };
}

function completeFiles(raw: RawAccessControl["files"]): AccessControl["files"] {
  return Object.fromEntries(
    Object.entries(raw ?? {}).map(([path, terms]) => [path, completeMatches(terms)]),
  );
}

function matches(
  terms: readonly string[] | null | undefined,
  otherwise: readonly Match[],
): readonly Match[] {
  return terms === undefined || terms === null ? otherwise : completeMatches(terms);
}
