import type { Instant } from "../base/brand.ts";
import type { CiConclusion, CiStatus } from "../ports/ci.ts";
import type { GitlabJob } from "./gitlab-jobs.ts";

type Stage = "waiting" | "at_work" | "over";

/** Every state of pipelines and of jobs; the two share their words. */
const STAGES: Readonly<Record<string, Stage>> = {
  created: "waiting",
  waiting_for_resource: "waiting",
  waiting_for_callback: "waiting",
  preparing: "waiting",
  pending: "waiting",
  scheduled: "waiting",
  // Until somebody presses a button.
  manual: "waiting",
  running: "at_work",
  // Told to stop, and its process has not said yet that it did.
  canceling: "at_work",
  success: "over",
  failed: "over",
  canceled: "over",
  skipped: "over",
};

/**
 * GitLab gave up on a machine that it no longer hears. What ran there may still run, so this proves nothing (S3).
 * The older of these words also stand for jobs that no machine ever took; those never began.
 */
const GIVEN_UP: ReadonlySet<string> = new Set([
  "stuck_or_timeout_failure",
  "job_execution_server_timeout",
  "no_updates_running",
  "no_updates_canceling",
  "server_timeout_running",
  "server_timeout_canceling",
]);

/** From this version on a runner ends a cancelled job first and says so then; `canceled` is its word. */
const ENDS_FIRST_SINCE = 17;
/** An older one hears of it when it next sends output, and stops then. */
const HEARS_WITHIN_MS = 2 * 60_000;

export function stageOf(state: string): Stage | undefined {
  return Object.hasOwn(STAGES, state) ? STAGES[state] : undefined;
}

/** What is known of an attempt from the jobs of its pipeline that work for us, oldest first. */
export function statusOfJobs(jobs: readonly [GitlabJob, ...GitlabJob[]], now: Instant): CiStatus {
  const all = jobs.map((job) => statusOfJob(job, now));
  // Only the first may claim, but as long as anything moves nothing is proven.
  for (const kind of ["running", "unknown", "pending"] as const) {
    const found = all.find((status) => status.kind === kind);
    if (found !== undefined) return found;
  }
  return statusOfJob(jobs[0], now);
}

/** Until somebody presses a button, or a time has come; a pipeline is over without them. */
const ASIDE: ReadonlySet<string> = new Set(["manual", "scheduled"]);
/** What says the most about a pipeline that is over. */
const WORST_FIRST: readonly CiConclusion[] = [
  "failure",
  "timed_out",
  "cancelled",
  "other",
  "success",
];

/** What is known from the jobs of a pipeline of which any may be the one that works for us. */
export function statusOfAnyJobs(
  jobs: readonly [GitlabJob, ...GitlabJob[]],
  now: Instant,
): CiStatus {
  const [first = jobs[0], ...others] = jobs.filter(({ status }) => !ASIDE.has(status));
  const status = statusOfJobs([first, ...others], now);
  if (status.kind !== "ended") return status;
  const ends = [first, ...others].map((job) => statusOfJob(job, now));
  const worst = WORST_FIRST.find((conclusion) =>
    ends.some((end) => end.kind === "ended" && end.conclusion === conclusion),
  );
  return { kind: "ended", conclusion: worst ?? status.conclusion };
}

function statusOfJob(job: GitlabJob, now: Instant): CiStatus {
  switch (stageOf(job.status)) {
    case "waiting":
      return { kind: "pending" };
    case "at_work":
      return { kind: "running" };
    case "over":
      return endOf(job, now);
    case undefined:
      return unknownState(job.status);
  }
}

function endOf(job: GitlabJob, now: Instant): CiStatus {
  const began = (job.started_at ?? "") !== "";
  const reason = job.failure_reason ?? "";
  if (began && job.status !== "success" && GIVEN_UP.has(reason)) {
    const message = `GitLab lost contact with the machine of job ${job.id} (${reason}); what ran there may still run.`;
    return { kind: "unknown", message };
  }
  if (began && job.status === "canceled" && mayStillStop(job, now)) return { kind: "running" };
  return { kind: "ended", conclusion: conclusionOf(job.status, reason, began) };
}

function conclusionOf(state: string, reason: string, began: boolean): CiConclusion {
  switch (state) {
    case "success":
      return "success";
    case "canceled":
      return "cancelled";
    case "skipped":
      return "never_started";
    case "failed":
      if (!began) return "never_started";
      return reason === "job_execution_timeout" ? "timed_out" : "failure";
    default:
      return "other";
  }
}

function mayStillStop(job: GitlabJob, now: Instant): boolean {
  const version = Number.parseInt(job.runner_manager?.version ?? "", 10);
  if (version >= ENDS_FIRST_SINCE) return false;
  const finishedAt = Date.parse(job.finished_at ?? "");
  return !Number.isFinite(finishedAt) || now - finishedAt < HEARS_WITHIN_MS;
}

/** Where a pipeline has no job of ours: nothing of it can have worked. */
export function statusOfEmptyPipeline(state: string): CiStatus {
  switch (stageOf(state)) {
    case "waiting":
      return { kind: "pending" };
    case "at_work":
      return { kind: "running" };
    case "over":
      return { kind: "ended", conclusion: state === "canceled" ? "cancelled" : "never_started" };
    case undefined:
      return unknownState(state);
  }
}

function unknownState(state: string): CiStatus {
  return { kind: "unknown", message: `GitLab says ${state}, which this version does not know.` };
}
