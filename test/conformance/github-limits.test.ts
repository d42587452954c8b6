import { afterAll, beforeAll, expect, test } from "vitest";
import { DOCUMENTED_LIMITS } from "../support/github-double/limiter.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Pull, Repository } from "../support/github-double/world.ts";
import { type Hour, startHour } from "../support/github-hour/hour.ts";
import { workflowFile } from "../support/github-lab.ts";

/** Fifty take minutes in the simulated database: `TERRANE_HOUR_PULLS=50`. */
const PULLS = Number(process.env["TERRANE_HOUR_PULLS"] ?? 10);
const DIRSPACES = 100;
const MINUTE = 60_000;
/** Opened over the first minutes, applied from the middle on; all of it within the hour. */
const OPENED_WITHIN = 20 * MINUTE;
const APPLIED_AFTER = 25 * MINUTE;
const APPLIED_WITHIN = 20 * MINUTE;

let hour: Hour;
let repo: Repository;

beforeAll(async () => {
  hour = await startHour({
    enforced: DOCUMENTED_LIMITS,
    job: { waitsMs: 15_000, worksMs: 90_000 },
    ticks: true,
  });
  const { double } = hour;
  const { account } = double.organization("acme", { ann: "member" });
  double.install(account);
  const groups = Array.from({ length: PULLS }, (_, n) => n);
  const directories = groups.flatMap((n) =>
    Array.from({ length: DIRSPACES }, (_, d) => [`g${n}/d${d}/main.tf`, ""] as const),
  );
  const rules = groups.map(
    (n) => `  "g${n}/*": {when_modified: {file_patterns: ["shared${n}/**"]}}`,
  );
  repo = await scene.createRepository(double, account, "infra", {
    collaborators: { ann: "write" },
    files: {
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": `version: "1"\ndirs:\n${rules.join("\n")}\n`,
      ...Object.fromEntries(directories),
    },
  });
});

afterAll(async () => {
  await hour.close();
});

test(`an hour of ${PULLS} pull requests with ${DIRSPACES} dirspaces each is never refused a call`, {
  timeout: 600_000,
}, async () => {
  const { double } = hour;
  const ann = double.user("ann");
  const begun = hour.now();
  const pulls: Pull[] = [];
  for (let n = 0; n < PULLS; n++) {
    hour.after((n * OPENED_WITHIN) / PULLS, async () => {
      const files = { [`shared${n}/a.json`]: String(n) };
      await scene.push(double, repo, { branch: `change-${n}`, files, by: ann });
      pulls.push(await scene.openPull(double, repo, { by: ann, head: `change-${n}` }));
    });
    hour.after(APPLIED_AFTER + (n * APPLIED_WITHIN) / PULLS, () => {
      const pull = pulls[n];
      if (pull !== undefined) scene.comment(double, pull, ann, "terrane apply");
    });
  }
  await hour.until(begun + 60 * MINUTE);
  const { limiter } = double.world;
  expect(limiter?.refused).toEqual([]);
  const runs = [...hour.memory.tables.runs.values()].map((run) => `${run.kind} ${run.outcome}`);
  const count = (name: string) => runs.filter((one) => one === name).length;
  expect({
    all: runs.length,
    plans: count("plan finished"),
    applies: count("apply finished"),
  }).toEqual({ all: 2 * PULLS, plans: PULLS, applies: PULLS });
  const lags = pulls.map(lagOf);
  const worst = Math.max(...lags);
  // The edit itself is put together for less than a second.
  expect(worst).toBeLessThanOrEqual(5_000);
  expect(double.violations()).toEqual([]);
  const { classes } = double.world.journal;
  process.stdout.write(
    `${JSON.stringify({ classes, peaks: limiter?.peaks, worstCommentLagMs: worst })}\n`,
  );
});

/** From the job's last word to the comment that says what became of it. */
function lagOf(pull: Pull): number {
  const comments = scene.botComments(hour.double, pull);
  expect(comments).toHaveLength(1);
  expect(comments[0]?.body).toMatch(/^### Applied/);
  const { pullRequests, attempts, runs } = hour.memory.tables;
  const row = [...pullRequests.values()].find((one) => one.number === pull.number);
  const apply = [...runs.values()].find(
    (run) => run.pullRequestId === row?.id && run.kind === "apply",
  );
  const attempt = [...attempts.values()].find((one) => one.runId === apply?.id);
  return (comments[0]?.updatedAt.getTime() ?? 0) - (attempt?.finishedAt ?? 0);
}
