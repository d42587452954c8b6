import { statusOfFailure } from "../../../../src/ci/status-of-failure.ts";
import type { AttemptId } from "../../../../src/core/ids.ts";
import type { Ci, CiJob, CiStart, CiStatus, Identified } from "../../../../src/ports/ci.ts";
import type { RepositoryRef, VcsFailure } from "../../../../src/ports/vcs.ts";
import type { Outside } from "../outside.ts";
import { REPOSITORY } from "../vcs/forge.ts";
import type { Personality } from "../vcs/personality.ts";
import type { CiRun, CiSystem } from "./jobs.ts";

const FAR_MS = 4_102_444_800_000;

/** An identity token of a job, as its machine gets it. */
export function identityToken(job: CiRun, nonce: string): string {
  return [REPOSITORY.id, job.id, job.runAttempt, nonce].join("/");
}

/** What one server sees of the CI system. */
export class SimCi implements Ci {
  readonly kind = "sim";
  readonly files = ["ci/workflow.yml"];
  readonly #system: CiSystem;
  readonly #outside: Outside;
  readonly #personality: Personality;
  readonly #chance: (probability: number) => boolean;
  readonly #starts: (attempt: AttemptId, askedAt: number) => void;

  constructor(
    system: CiSystem,
    outside: Outside,
    personality: Personality,
    hooks: {
      readonly chance: (probability: number) => boolean;
      /** The moment in which a job is really started. */
      readonly starts: (attempt: AttemptId, askedAt: number) => void;
    },
  ) {
    this.#system = system;
    this.#outside = outside;
    this.#personality = personality;
    this.#chance = hooks.chance;
    this.#starts = hooks.starts;
  }

  start(job: CiJob): Promise<CiStart> {
    const { sim } = this.#outside;
    const askedAt = sim.current?.startedAt ?? sim.now;
    return this.#outside.call<CiStart>("ci.start", "write", () => {
      const [earlier] = this.#system.of(job.attempt);
      if (earlier !== undefined && this.#personality.startFindsEarlier) return told(earlier);
      if (this.#outside.faults.strikes("F5", 0.06)) {
        return { kind: "rejected", message: "there is no such workflow" };
      }
      this.#starts(job.attempt, askedAt);
      const started = this.#system.start(job.attempt);
      const ciRun = this.#chance(this.#personality.startTellsId) ? started.id : undefined;
      return { kind: "started", ciRun, url: undefined };
    });
  }

  async cancel(
    _repository: RepositoryRef,
    attempt: AttemptId,
    ciRun: string | undefined,
  ): Promise<void | VcsFailure> {
    const done = await this.#outside.call<"done" | VcsFailure>("ci.cancel", "write", () => {
      const job = this.#find(attempt, ciRun);
      if (job === undefined) return { kind: "not_found", message: "no such job" };
      this.#system.cancel(job, "cancelled");
      return "done";
    });
    return done === "done" ? undefined : done;
  }

  async status(
    _repository: RepositoryRef,
    attempt: AttemptId,
    ciRun: string | undefined,
  ): Promise<CiStatus> {
    const got = await this.#outside.call<CiStatus>("ci.status", "read", () => {
      const job = this.#find(attempt, ciRun);
      if (job === undefined) return { kind: "unknown", message: "no such job" };
      if (this.#outside.faults.strikes("F5", this.#personality.statusUnknown)) {
        return { kind: "unknown", message: "not there yet" };
      }
      if (job.state !== "ended") return { kind: job.state };
      return { kind: "ended", conclusion: job.conclusion ?? "other" };
    });
    return isStatus(got) ? got : statusOfFailure(got);
  }

  identify(token: string): Promise<Identified> {
    return this.#outside
      .call<Identified>("ci.identify", "read", () => {
        const [repositoryId = "", ciRun = "", runAttempt = "", tokenId = ""] = token.split("/");
        if (tokenId === "") return { kind: "refused", because: "no token" };
        const identity = {
          issuer: "sim",
          repositoryId,
          ciRun,
          ciRunAttempt: Number(runAttempt),
          workflowSha: undefined,
          tokenId,
          expiresAtMs: FAR_MS,
        };
        return { kind: "ok", identity };
      })
      .then((got) =>
        got.kind === "ok" || got.kind === "refused"
          ? got
          : { kind: "unavailable" as const, message: got.message },
      );
  }

  /** The oldest of an attempt is the one that is found by its name. */
  #find(attempt: AttemptId, ciRun: string | undefined): CiRun | undefined {
    return ciRun === undefined ? this.#system.of(attempt)[0] : this.#system.runs.get(ciRun);
  }
}

function isStatus(got: CiStatus | VcsFailure): got is CiStatus {
  return ["pending", "running", "ended", "unknown", "unavailable"].includes(got.kind);
}

function told(job: CiRun): CiStart {
  return { kind: "started", ciRun: job.id, url: undefined };
}
