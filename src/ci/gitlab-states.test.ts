import { expect, test } from "vitest";
import type { Instant } from "../base/brand.ts";
import type { CiStatus } from "../ports/ci.ts";
import type { GitlabJob } from "./gitlab-jobs.ts";
import { statusOfEmptyPipeline, statusOfJobs } from "./gitlab-states.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z") as Instant;
const EARLIER = "2026-11-22T11:00:00Z";

const job = (change: Partial<GitlabJob>): GitlabJob => ({
  id: "1",
  name: "terrane",
  status: "running",
  started_at: EARLIER,
  finished_at: undefined,
  failure_reason: undefined,
  runner_manager: { version: "19.5.0" },
  ...change,
});

const shown = (status: CiStatus) =>
  status.kind === "ended" ? `ended ${status.conclusion}` : status.kind;

/** Every state that GitLab's code has; pipelines and jobs share them. */
test.each([
  ["created", "pending", "pending"],
  ["waiting_for_resource", "pending", "pending"],
  ["waiting_for_callback", "pending", "pending"],
  ["preparing", "pending", "pending"],
  ["pending", "pending", "pending"],
  ["scheduled", "pending", "pending"],
  ["manual", "pending", "pending"],
  ["running", "running", "running"],
  ["canceling", "running", "running"],
  ["success", "ended success", "ended never_started"],
  ["failed", "ended failure", "ended never_started"],
  ["canceled", "ended cancelled", "ended cancelled"],
  ["skipped", "ended never_started", "ended never_started"],
  ["on_fire", "unknown", "unknown"],
  ["constructor", "unknown", "unknown"],
])("L34 %s is understood of a job, and of a pipeline without one", (state, ofJob, ofPipeline) => {
  expect(shown(statusOfJobs([job({ status: state })], NOW))).toBe(ofJob);
  expect(shown(statusOfEmptyPipeline(state))).toBe(ofPipeline);
});

const began = EARLIER;
const never = null;

test.each([
  ["script_failure", began, "ended failure"],
  ["runner_system_failure", began, "ended failure"],
  ["runner_interrupted", began, "ended failure"],
  ["unknown_failure", began, "ended failure"],
  ["job_execution_timeout", began, "ended timed_out"],
  ["stuck_or_timeout_failure", began, "unknown"],
  ["job_execution_server_timeout", began, "unknown"],
  ["no_updates_running", began, "unknown"],
  ["server_timeout_running", began, "unknown"],
  ["stuck_or_timeout_failure", never, "ended never_started"],
  ["stuck_pending_no_matching_runners", never, "ended never_started"],
  ["no_matching_runner", never, "ended never_started"],
  ["ci_quota_exceeded", never, "ended never_started"],
  ["runner_unsupported", never, "ended never_started"],
])("S3 a job that failed with %s, begun %s: %s", (failure_reason, started_at, expected) => {
  const failed = job({ status: "failed", failure_reason, started_at });
  expect(shown(statusOfJobs([failed], NOW))).toBe(expected);
});

const finished = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString();

test.each([
  ["by a runner that ends it first", "17.0.0", finished(0), "ended cancelled"],
  ["by an older runner a moment ago", "16.11.4", finished(5), "running"],
  ["by an older runner that has heard of it", "16.11.4", finished(121), "ended cancelled"],
  ["by nobody knows which runner a moment ago", undefined, finished(5), "running"],
  ["by nobody knows which runner or when", undefined, null, "running"],
])("S3 a job cancelled %s counts as over when its process is", (_by, version, at, expected) => {
  const canceled = job({ status: "canceled", runner_manager: { version }, finished_at: at });
  expect(shown(statusOfJobs([canceled], NOW))).toBe(expected);
});

test.each(["no_updates_canceling", "server_timeout_canceling"])(
  "S3 a job that was told to stop and never answered (%s) proves nothing",
  (failure_reason) => {
    expect(shown(statusOfJobs([job({ status: "canceled", failure_reason })], NOW))).toBe("unknown");
  },
);

test("a job that was cancelled before a machine took it is over at once", () => {
  const waiting = { status: "canceled", started_at: null, runner_manager: null };
  expect(shown(statusOfJobs([job(waiting)], NOW))).toBe("ended cancelled");
});

test("while a job that was run again moves nothing is over, and then the first one counts", () => {
  const first = job({ status: "failed", failure_reason: "script_failure" });
  const again = (status: string) => job({ id: "2", status });
  expect(shown(statusOfJobs([first, again("running")], NOW))).toBe("running");
  expect(shown(statusOfJobs([first, again("pending")], NOW))).toBe("pending");
  expect(shown(statusOfJobs([first, again("success")], NOW))).toBe("ended failure");
});
