import { dirspaceKey } from "../../change/dirspace.ts";
import type { Inputs } from "../../inputs.ts";
import { matches } from "../../query/match.ts";
import type { Query } from "../../query/query.ts";
import type { Reason } from "../../reason.ts";
import type { DirspaceState, Snapshot } from "../../snapshot.ts";

export type Selected =
  | { readonly kind: "selected"; readonly states: readonly DirspaceState[] }
  | { readonly kind: "none"; readonly reason: Reason };

/** The dirspaces of the change set that a command's query names. */
export function select(snapshot: Snapshot, inputs: Inputs, query: Query | undefined): Selected {
  const inChange = snapshot.dirspaces.filter((state) => state.affected !== undefined);
  if (inChange.length === 0) {
    return { kind: "none", reason: { code: "nothing_affected", deletedDirs: inputs.deletedDirs } };
  }
  if (query === undefined) return { kind: "selected", states: inChange };
  const states = inChange.filter((state) =>
    matches(query, { tags: new Set(state.affected?.tags ?? []), dir: state.dirspace.dir }),
  );
  if (states.length > 0) return { kind: "selected", states };
  const available = inputs.affected.map((one) => dirspaceKey(one.dirspace));
  return { kind: "none", reason: { code: "query_matches_nothing", query: query.text, available } };
}
