import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiJob, CiStart } from "../ports/ci.ts";
import type { AttemptToStart } from "../ports/engine-store.ts";
import type { VcsFailure } from "../ports/vcs.ts";
import type { EnginePorts } from "./ports.ts";

/** Starts a job with the workflow file of an existing runner, unless somebody closed its door. */
export async function startExisting(
  attempt: AttemptToStart,
  job: CiJob,
  { workflow, path }: Extract<CiStart, { kind: "existing_runner" }>,
  ports: EnginePorts,
  ci: Ci,
): Promise<Exclude<CiStart, { kind: "existing_runner" }>> {
  const { vcs } = attempt.pullRequest.repository;
  const only = `The repository has only the workflow file of an existing runner, ${path}`;
  const next = "Add the workflow file of this server to the default branch.";
  const apiBaseUrl = ports.existingRunners.get(vcs);
  if (apiBaseUrl === undefined) {
    return rejected(`${only}, and this server lets none in (TERRANE_COMPATIBLE_RUNNERS). ${next}`);
  }
  if (attempt.autoApprove) {
    return rejected(
      `${only}, and that cannot apply without a plan. Comment \`terrane plan\`. ${next}`,
    );
  }
  const { name: branch, fromFork } = attempt.branch;
  if (fromFork) {
    return rejected(
      `${only}, and that can work on branches of the repository itself only: this head is in a fork. ${next}`,
    );
  }
  const workToken = workTokenOf(ports, attempt.attempt);
  // First the door, then the job: it may be there within a second.
  if (!(await ports.store.openCompatible(attempt.attempt, hashOf(ports, workToken)))) {
    return rejected(`${only}, and existing runners are switched off for its installation. ${next}`);
  }
  const existing = { workflow, branch, workToken, apiBaseUrl };
  const started = await ci.start({ ...job, existing });
  if (started.kind !== "existing_runner") return started;
  return rejected(`${only}, and it could not be started.`);
}

/**
 * What the job gets with its dispatch. Unlike an attempt's id it is shown nowhere here; whoever reads the CI system's
 * log sees it, so it is good for one claim only. It has the form of a UUID, as existing runners know it.
 */
export function workTokenOf(ports: EnginePorts, attempt: AttemptId): string {
  const hex = Buffer.from(ports.secrets.deriveKey(`work-token:${attempt}`)).toString("hex");
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join("-");
}

export function hashOf(ports: EnginePorts, text: string): Uint8Array {
  return ports.secrets.sha256(Buffer.from(text, "utf8"));
}

function rejected(message: string): VcsFailure {
  return { kind: "rejected", message };
}
