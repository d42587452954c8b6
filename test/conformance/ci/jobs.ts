import { expect } from "vitest";
import type { AttemptId } from "../../../src/core/ids.ts";
import { type CiRule, startedJob, statusOnce } from "./rule.ts";

export const jobRules: readonly CiRule[] = [
  {
    name: "a job that was started runs, and ends with success when it succeeded",
    async check(harness) {
      const job = harness.newJob();
      const ciRun = await startedJob(harness, job);
      await statusOnce(harness, job, ciRun, "running");
      await harness.finish(job, "success");
      const ended = await statusOnce(harness, job, ciRun, "ended");
      expect(ended).toEqual({ kind: "ended", conclusion: "success" });
      expect(await harness.starts(job)).toBe(1);
    },
  },
  {
    name: "a job that failed ends with failure",
    async check(harness) {
      const job = harness.newJob();
      const ciRun = await startedJob(harness, job);
      await statusOnce(harness, job, ciRun, "running");
      await harness.finish(job, "failure");
      const ended = await statusOnce(harness, job, ciRun, "ended");
      expect(ended).toEqual({ kind: "ended", conclusion: "failure" });
    },
  },
  {
    name: "an ended job stays ended",
    async check(harness) {
      const job = harness.newJob();
      const ciRun = await startedJob(harness, job);
      await harness.finish(job, "success");
      const ended = await statusOnce(harness, job, ciRun, "ended");
      await startedJob(harness, job);
      expect(await harness.ci.status(job.repository, job.attempt, ciRun)).toEqual(ended);
      expect(await harness.starts(job)).toBe(1);
    },
  },
  {
    name: "S25 the same attempt started again, also at the same time, runs once",
    async check(harness) {
      const job = harness.newJob();
      const runs = await Promise.all([1, 2, 3].map(() => startedJob(harness, job)));
      expect(new Set(runs).size).toBe(1);
      const [ciRun] = runs;
      await statusOnce(harness, job, ciRun, "running");
      expect(await startedJob(harness, job)).toBe(ciRun);
      await harness.finish(job, "success");
      await statusOnce(harness, job, ciRun, "ended");
      expect(await harness.starts(job)).toBe(1);
    },
  },
  {
    name: "two attempts run side by side and end apart",
    async check(harness) {
      const [one, two] = [harness.newJob(), harness.newJob()];
      const runs = [await startedJob(harness, one), await startedJob(harness, two)];
      await statusOnce(harness, one, runs[0], "running");
      await statusOnce(harness, two, runs[1], "running");
      await harness.finish(one, "success");
      await statusOnce(harness, one, runs[0], "ended");
      const other = await harness.ci.status(two.repository, two.attempt, runs[1]);
      expect(other.kind).toBe("running");
      await harness.finish(two, "success");
      await statusOnce(harness, two, runs[1], "ended");
    },
  },
  {
    name: "S3 a job that was never started is unknown, which proves nothing",
    async check({ ci, newJob }) {
      const job = newJob();
      const status = await ci.status(job.repository, job.attempt, undefined);
      expect(status.kind).toBe("unknown");
    },
  },
  {
    name: "a cancelled job ends as cancelled, and cancelling twice is fine",
    async check(harness) {
      const job = harness.newJob();
      const ciRun = await startedJob(harness, job);
      await statusOnce(harness, job, ciRun, "running");
      expect(await harness.ci.cancel(job.repository, job.attempt, ciRun)).toBeUndefined();
      expect(await harness.ci.cancel(job.repository, job.attempt, ciRun)).toBeUndefined();
      const ended = await statusOnce(harness, job, ciRun, "ended");
      expect(ended).toEqual({ kind: "ended", conclusion: "cancelled" });
      expect(await harness.ci.cancel(job.repository, job.attempt, ciRun)).toBeUndefined();
    },
  },
  {
    name: "a job that was never started cannot be cancelled",
    async check({ ci, newJob }) {
      const job = newJob();
      const cancelled = await ci.cancel(job.repository, job.attempt, undefined);
      expect(cancelled).toMatchObject({ kind: "not_found" });
    },
  },
  {
    name: "S25 an attempt is not taken for one whose id goes on after its own",
    async check(harness) {
      const { ci } = harness;
      const { attempt: event, ...rest } = harness.newJob();
      const one = { ...rest, attempt: `${event}-1` as AttemptId };
      const ten = { ...rest, attempt: `${event}-10` as AttemptId };
      const tensRun = await startedJob(harness, ten);
      await statusOnce(harness, ten, tensRun, "running");
      expect((await ci.status(one.repository, one.attempt, undefined)).kind).toBe("unknown");
      const early = await ci.cancel(one.repository, one.attempt, undefined);
      expect(early).toMatchObject({ kind: "not_found" });
      const onesRun = await startedJob(harness, one);
      expect(onesRun).not.toBe(tensRun);
      await statusOnce(harness, one, onesRun, "running");
      expect(await ci.cancel(one.repository, one.attempt, undefined)).toBeUndefined();
      await statusOnce(harness, one, undefined, "ended");
      expect((await ci.status(ten.repository, ten.attempt, undefined)).kind).toBe("running");
      await harness.finish(ten, "success");
      await statusOnce(harness, ten, tensRun, "ended");
    },
  },
];
