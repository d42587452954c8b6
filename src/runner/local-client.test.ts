import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { WorkItem } from "../contract/work.ts";
import { LocalClient } from "./local-client.ts";

const folder = mkdtempSync(join(tmpdir(), "terrane-local-client-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLAN = "a".repeat(64);
const OTHER = "b".repeat(64);
const UNIT = { dir: "app", workspace: "default" };

function client(kind: "plan" | "apply"): LocalClient {
  const work: WorkItem = {
    runId: "local",
    kind,
    repository: { fullName: "infra", cloneUrl: null },
    pullRequest: { number: 0, headRef: "change", baseRef: "main" },
    headSha: "a".repeat(40),
    baseSha: "a".repeat(40),
    reviewedSha: "a".repeat(40),
    parallel: 1,
    units: [
      {
        ...UNIT,
        steps: [],
        engine: { name: "pulumi" },
        createAndSelectWorkspace: true,
        after: [],
        planDigest: kind === "apply" ? PLAN : null,
      },
    ],
    sealKey: Buffer.alloc(32).toString("base64"),
    heartbeatSeconds: 60,
    dashboardUrl: null,
  };
  const watch = { said: () => undefined, ended: () => undefined };
  return new LocalClient(work, join(folder, "plans"), watch);
}

test.each([
  ["another plan than the one that was shown", "apply", UNIT, OTHER, "not_reviewed"],
  ["a dirspace that was not shown", "apply", { ...UNIT, dir: "db" }, PLAN, "not_reviewed"],
  ["anything while only plans are made", "plan", UNIT, PLAN, "not_reviewed"],
] as const)("S12: no permission for %s", async (_, kind, unit, digest, code) => {
  const reply = await client(kind).grant({ unit: { ...unit }, planDigest: digest });
  expect(reply).toMatchObject({ kind: "ok", value: { kind: "refused", code } });
});

test("S5: a permission to apply is given once", async () => {
  const local = client("apply");
  const ask = () => local.grant({ unit: UNIT, planDigest: PLAN });
  expect(await ask()).toMatchObject({ value: { kind: "granted", fence: 1 } });
  expect(await ask()).toMatchObject({ value: { kind: "refused", code: "granted_before" } });
});

test("a plan comes back as it was, one that is not there is refused, and no name leads out of the folder", async () => {
  const local = client("plan");
  await local.putPlan(PLAN, Buffer.from("sealed"));
  await local.putPlan("../outside", Buffer.from("sealed"));
  expect(await local.getPlan(PLAN)).toEqual({ kind: "ok", value: Buffer.from("sealed") });
  expect(await local.getPlan(OTHER)).toMatchObject({ kind: "refused", code: "no_plan" });
  expect(readdirSync(folder)).toEqual(["plans"]);
});
