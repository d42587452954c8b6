import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { AttemptId, CommitSha, RunId } from "../../../src/core/ids.ts";
import type { PullRequestView } from "../../../src/core/pull-request.ts";
import type { RaisedGate, UnitReport } from "../../../src/core/run/report.ts";

/** What a plan file says, as the tool that made it knows it. */
export interface PlanGhost {
  readonly digest: string;
  readonly runId: RunId;
  readonly dirspace: DirspaceKey;
  readonly number: number;
  readonly headSha: CommitSha;
  readonly baseSha: CommitSha;
  /** The code that was planned. */
  readonly wants: string;
  /** The state of the infrastructure that the plan starts from. */
  readonly serial: number;
  /** Approvals that its steps asked for. */
  readonly gates: readonly RaisedGate[];
}

/** One run of the tool that changes infrastructure; it exists, whatever anybody believes. */
export interface ApplyGhost {
  readonly dirspace: DirspaceKey;
  readonly runId: RunId;
  readonly attempt: AttemptId;
  readonly ciRun: string;
  readonly fence: number;
  readonly plan: PlanGhost | undefined;
  /** Digest of the bytes that the tool really got. */
  readonly bytes: string;
  readonly serialBefore: number;
  readonly startedAt: number;
  end: "running" | "applied" | "failed" | "killed";
}

/** A permission to apply, as the runner got it, and what the server had been told when it gave it. */
export interface GrantGhost {
  readonly dirspace: DirspaceKey;
  readonly runId: RunId;
  readonly attempt: AttemptId;
  readonly ciRun: string;
  readonly fence: number;
  readonly digest: string;
  /** The pull request as the forge gave it during the request. */
  readonly served: PullRequestView | undefined;
  readonly permission: string | undefined;
  readonly askedAt: number;
  readonly at: number;
}

/** What a runner reported, once it was answered. */
interface ToldGhost {
  readonly runId: RunId;
  readonly dirspace: DirspaceKey;
  readonly report: UnitReport;
}

/** A permission that was refused, and the words for it. */
export interface RefusedGhost {
  readonly runId: RunId;
  readonly dirspace: DirspaceKey;
  readonly code: string;
  readonly message: string;
}

interface Infrastructure {
  readonly content: string;
  /** Grows with everything that changes it. */
  readonly serial: number;
}

const NOTHING: Infrastructure = { content: "", serial: 0 };

/** The real world, which no server sees: infrastructure, and the tools that work on it. */
export class Ghost {
  readonly plans = new Map<string, PlanGhost>();
  /** What a tool found as it should be: `number head dirspace`. */
  readonly unchanged = new Set<string>();
  readonly applies: ApplyGhost[] = [];
  readonly grants: GrantGhost[] = [];
  /** What the hooks of a run asked for; a run is not in it before its job came that far. */
  readonly hookGates = new Map<RunId, readonly RaisedGate[]>();
  /** Those of them that nobody has looked for yet. */
  readonly told: ToldGhost[] = [];
  readonly refused: RefusedGhost[] = [];
  /** Where somebody with a job's credential said that it is applied, and it was not so: `run dirspace`. */
  readonly lies = new Set<string>();
  changes = 0;
  readonly running = new Set<ApplyGhost>();
  readonly #infrastructure = new Map<DirspaceKey, Infrastructure>();

  infrastructure(dirspace: DirspaceKey): Infrastructure {
    return this.#infrastructure.get(dirspace) ?? NOTHING;
  }

  begin(apply: ApplyGhost): void {
    this.changes += 1;
    this.applies.push(apply);
    this.running.add(apply);
  }

  finish(apply: ApplyGhost, end: "applied" | "failed" | "killed"): void {
    if (apply.end !== "running") return;
    this.changes += 1;
    apply.end = end;
    this.running.delete(apply);
    const before = this.infrastructure(apply.dirspace);
    const content = end === "applied" ? (apply.plan?.wants ?? "?") : `half of ${apply.runId}`;
    this.#infrastructure.set(apply.dirspace, { content, serial: before.serial + 1 });
  }
}
