import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { NewUnit } from "../core/decision.ts";
import type {
  Failure,
  OutputValue,
  RaisedGate,
  StepReport,
  UnitReport,
} from "../core/run/report.ts";
import type { WorkRow } from "../ports/runner-store.ts";

/** What an existing runner said of one dirspace, all of it at the end of its job. */
export interface UnitSaid {
  /** The first step that failed and counts. */
  readonly failure: Failure | undefined;
  /** Absent where no step planned; `changed` where the step does not say it. */
  readonly plan: { readonly changed: boolean | undefined; readonly text: string } | undefined;
  /** What the apply printed. */
  readonly text: string;
  readonly outputs: readonly OutputValue[];
  readonly steps: readonly StepReport[];
  readonly gates: readonly RaisedGate[];
}

/** What the store knows of the unit besides. */
export interface UnitKnown {
  readonly unit: Pick<NewUnit, "dirspace" | "after">;
  readonly work: WorkRow;
}

type Says = ReadonlyMap<DirspaceKey, UnitSaid>;

/** A dirspace that the results say nothing of did not succeed. */
const UNSAID: Failure = failureOf("results", "The runner's results say nothing of this directory.");

export function failureOf(step: string, message: string): Failure {
  return { step, message, tail: "", exitCode: null, signal: null };
}

/**
 * The report of a planned dirspace. Existing runners plan everything in one go; a plan that was made before the apply
 * of one that comes first is not kept.
 */
export function planReport({ unit, work }: UnitKnown, says: Says): UnitReport {
  const said = says.get(unit.dirspace);
  const first = unit.after.filter((key) => !isUnchanged(says.get(key)));
  if (first.length > 0) return { outcome: "waiting", for: first };
  if (said === undefined) return { outcome: "failed", failure: UNSAID, fence: undefined };
  const { failure, plan, steps } = said;
  if (failure !== undefined) return { outcome: "failed", failure, fence: undefined, steps };
  if (plan === undefined) {
    const none = failureOf("plan", "The runner's results hold no plan of this directory.");
    return { outcome: "failed", failure: none, fence: undefined, steps };
  }
  // Either word is enough to ask people; both are needed to say that there is nothing to apply.
  const changed = plan.changed === true || (plan.changed === undefined && work.changed === true);
  if (changed && work.planDigest === undefined) {
    const missing = failureOf("plan", "The runner stored no plan of this directory on the server.");
    return { outcome: "failed", failure: missing, fence: undefined, steps };
  }
  return {
    outcome: "planned",
    changed: changed || work.changed === true,
    planDigest: work.planDigest,
    // Such a runner reports text, and text is not counted.
    counts: undefined,
    changes: [],
    text: plan.text,
    steps,
    gates: said.gates,
  };
}

function isUnchanged(said: UnitSaid | undefined): boolean {
  return said?.failure === undefined && said?.plan?.changed === false;
}

/** The report of an applied dirspace; without a grant nothing can have been applied, whatever is said. */
export function applyReport({ unit, work }: UnitKnown, says: Says): UnitReport {
  const said = says.get(unit.dirspace);
  const failure = said === undefined ? UNSAID : said.failure;
  const steps = said?.steps ?? [];
  if (work.fence === undefined) {
    const because =
      failure === undefined
        ? "The runner reported an apply that it had no permission for: it never fetched the plan."
        : failure.message;
    return { outcome: "not_started", because };
  }
  if (said === undefined || failure !== undefined) {
    return { outcome: "failed", failure: failure ?? UNSAID, fence: work.fence, steps };
  }
  const { outputs, text } = said;
  return { outcome: "applied", fence: work.fence, outputs, text, steps };
}
