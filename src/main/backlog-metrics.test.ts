import { expect, test } from "vitest";
import { createMetrics } from "../http/metrics.ts";
import { backlogMetrics } from "./backlog-metrics.ts";

const BACKLOG = {
  effectsDead: 2,
  eventsSetAside: 1,
  ciJobsWaiting: { first_look: 0, free_place: 40, apply: 3 },
};

test("what failed for good and what waits is told, and counted once for all that ask together", async () => {
  let asked = 0;
  let now = 0;
  const metrics = createMetrics();
  const backlog = async () => {
    asked += 1;
    return BACKLOG;
  };
  backlogMetrics(metrics, { backlog }, () => now);
  const { text } = await metrics.text();
  expect(text).toContain("terrane_effects_dead 2\n");
  expect(text).toContain("terrane_events_set_aside 1\n");
  expect(text).toContain('terrane_ci_jobs_waiting{reason="free_place"} 40\n');
  expect(text).toContain('terrane_ci_jobs_waiting{reason="apply"} 3\n');
  await metrics.text();
  expect(asked).toBe(1);
  now += 60_000;
  await metrics.text();
  expect(asked).toBe(2);
});

test("L36 a database that is away costs these numbers, and none of the others", async () => {
  const metrics = createMetrics();
  const backlog = () => Promise.reject(new Error("the database is away"));
  backlogMetrics(metrics, { backlog }, () => 0);
  const { text } = await metrics.text();
  expect(text).toContain("terrane_effects_dead Nan\n");
  expect(text).not.toContain("terrane_ci_jobs_waiting{");
  expect(text).toContain("terrane_process_cpu_seconds_total");
});
