import type { Query } from "../query/query.ts";
import type { Match } from "./match.ts";

/** Who may do what; read from the default branch unless that says otherwise (S16). */
export interface AccessControl {
  readonly enabled: boolean;
  /** An apply is refused as a whole when one of its dirspaces may not be applied. */
  readonly applyRequireAllDirspaceAccess: boolean;
  /** False: what may not be planned is left out of the plan. */
  readonly planRequireAllDirspaceAccess: boolean;
  /** Who may plan and apply a change of the configuration file. */
  readonly configUpdate: readonly Match[];
  /** Who may plan and apply a change of the CI workflow that runs the runner. */
  readonly ciConfigUpdate: readonly Match[];
  readonly unlock: readonly Match[];
  /** By exact path; a rename touches both names. */
  readonly files: Readonly<Record<string, readonly Match[]>>;
  /** The first whose query matches decides; none means nobody. */
  readonly policies: readonly AccessPolicy[];
}

/** A list is satisfied by any of its terms; an empty one by nobody. */
export interface AccessPolicy {
  readonly tagQuery: Query;
  readonly plan: readonly Match[];
  readonly apply: readonly Match[];
  readonly applyAutoapprove: readonly Match[];
  readonly applyForce: readonly Match[];
  /** May apply once somebody of `superapproval` has approved. */
  readonly applyWithSuperapproval: readonly Match[];
  readonly superapproval: readonly Match[];
}
