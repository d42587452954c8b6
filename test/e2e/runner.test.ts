import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { UnitResult } from "../../src/contract/work.ts";
import {
  APPLY_STEPS,
  bundleRunner,
  hasTerraform,
  Lab,
  Repository,
  unit,
  workItem,
} from "../support/runner-lab.ts";
import { type RunnerServer, startRunnerServer } from "../support/runner-server.ts";

const terraform = test.skipIf(!hasTerraform());
if (!hasTerraform()) console.warn("skipped: the runner's tests need terraform on PATH");

const RESOURCE = (name: string, input: string) =>
  `resource "terraform_data" "${name}" {\n  input = "${input}"\n}\n`;

let bundleFolder = "";
let runner = "";
let lab: Lab;
let server: RunnerServer;

beforeAll(async () => {
  bundleFolder = mkdtempSync(join(tmpdir(), "terrane-runner-bundle-"));
  runner = await bundleRunner(bundleFolder);
});
afterAll(() => rmSync(bundleFolder, { recursive: true, force: true }));
beforeEach(async () => {
  lab = new Lab(runner);
  server = await startRunnerServer();
});
afterEach(async () => {
  lab.close();
  await server.close();
});

type Planned = Extract<UnitResult, { outcome: "planned" }>;

function planned(key: string): Planned {
  const result = server.results.get(key);
  if (result?.outcome !== "planned") throw new Error(`${key}: ${JSON.stringify(result)}`);
  return result;
}

terraform("S12 a plan is made, reviewed by digest, and exactly that plan is applied", async () => {
  const repository = new Repository(lab.folder, {
    "app/main.tf": `${RESOURCE("web", "v1")}output "url" {\n  value = "https://example.com"\n}\n`,
  });
  const headSha = repository.commit("feature", { "app/extra.tf": RESOURCE("extra", "x") });
  server.offer(workItem({ headSha, units: [unit("app")] }, repository.bare));
  const plan = await lab.start(server).ended;
  expect(plan, plan.log).toMatchObject({ code: 0 });
  const result = planned("app default");
  expect(result).toMatchObject({
    changed: true,
    counts: { create: 2, update: 0, delete: 0, outputs: 1 },
    changes: [
      { address: "terraform_data.extra", action: "create", replacePaths: [] },
      { address: "terraform_data.web", action: "create", replacePaths: [] },
    ],
  });
  expect(result.text).toContain("2 to add, 0 to change, 0 to destroy");
  expect(server.outputOf({ dir: "app", workspace: "default" })).toContain("terraform init");
  expect(server.finishes).toEqual([{ failure: null }]);
  const planDigest = result.planDigest ?? "";
  expect(server.plans.get(planDigest)?.includes("terraform_data")).toBe(false);

  const apply = unit("app", { steps: APPLY_STEPS, planDigest });
  server.offer(
    workItem({ runId: "run-2", kind: "apply", headSha, units: [apply] }, repository.bare),
  );
  const applied = await lab.start(server).ended;
  expect(applied, applied.log).toMatchObject({ code: 0 });
  expect(server.results.get("app default")).toMatchObject({
    outcome: "applied",
    fence: 41,
    outputs: [{ name: "url", sensitive: false, value: "https://example.com" }],
  });
  expect(server.grants).toEqual(["app default"]);

  server.offer(workItem({ runId: "run-3", headSha, units: [unit("app")] }, repository.bare));
  await lab.start(server).ended;
  expect(planned("app default")).toMatchObject({ changed: false, planDigest: null });
  expect(readdirSync(lab.workDir)).toEqual([]);
});
