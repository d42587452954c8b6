import type { Affected } from "../change/affected.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { RunId } from "../ids.ts";
import { type Phase, phasesOf } from "../phase.ts";
import type { Reason } from "../reason.ts";
import type { JobWait } from "../schedule/wait.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { Wait } from "./wait.ts";
import { waitsOf } from "./waits-of.ts";

/** Where one dirspace stands, by what, and what it waits for. */
export interface Explained {
  readonly key: DirspaceKey;
  readonly dirspace: DirspaceState["dirspace"];
  readonly phase: Phase;
  /** Absent where the newest commit no longer touches it. */
  readonly affected: Affected | undefined;
  readonly waits: readonly Wait[];
}

export interface Known {
  readonly snapshot: Snapshot;
  /** What the newest decision that looked at everything said. */
  readonly said: readonly Reason[];
  readonly requirements: ((state: DirspaceState) => readonly Reason[]) | undefined;
  /** What queued runs wait for, where somebody looked. */
  readonly jobs?: ReadonlyMap<RunId, JobWait> | undefined;
}

/** Explains every dirspace of a pull request, by key; none before it was looked at for the first time. */
export function explainDirspaces({
  snapshot,
  said,
  requirements,
  jobs,
}: Known): readonly Explained[] {
  const { view, notice } = snapshot.pullRequest;
  if (view === undefined) return [];
  const phases = phasesOf(snapshot.dirspaces, view);
  const all = [...said, ...(notice?.outcome === "refused" ? notice.reasons : [])];
  const standing = { snapshot, view, phases, said: eachOnce(all), requirements, jobs };
  return snapshot.dirspaces.map((state) => ({
    key: state.key,
    dirspace: state.dirspace,
    phase: phases.get(state.key) ?? "unplanned",
    affected: state.affected,
    waits: waitsOf(state, standing),
  }));
}

function eachOnce(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()];
}

/** The same as a reason, for an answer in the comment. */
export function reasonShown({ key, phase, waits, affected }: Explained): Reason {
  const reasons = waits.map(({ reason }) => reason);
  const rules = reasons.flatMap((reason) => reason.rules ?? []);
  const own = affected?.rules?.pattern ?? affected?.rules?.dir;
  const places = rules.length > 0 || own === undefined ? rules : [own];
  return {
    code: "why_shown",
    dirspace: key,
    phase,
    waits: reasons,
    ...(places.length === 0 ? {} : { rules: places }),
  };
}
