import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CoreWorld } from "../../../test/support/core-world.ts";
import type { Reason } from "../reason.ts";

const PAGE = new URL("../../../docs/reference/access-control.md", import.meta.url);
const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, "utf8"))?.[1];

/** The example's people, and a pull request of ann's that changes these files. */
function world(changed: readonly string[]): CoreWorld {
  const made = new CoreWorld(["prod/main.tf", "dev/main.tf", ...changed], changed, example);
  for (const member of ["sre:sam", "leads:lea", "platform:pat"]) made.teams.add(member);
  made.changed();
  if (made.hasActiveRun()) made.runnerPlans({});
  return made;
}

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code).filter((code) => code !== "locks_taken");
}

test("the documented example plans for whoever may write", () => {
  expect(codes(world(["prod/main.tf", "dev/main.tf"]).says("bob", "terrane plan"))).toContain(
    "plan_started",
  );
});

test("and lets bob apply prod once a lead has approved", () => {
  const prod = world(["prod/main.tf"]);
  prod.approve("sam");
  prod.approve("bob");
  expect(codes(prod.says("bob", "terrane apply"))).toEqual(["access_denied"]);
  prod.approve("lea");
  expect(codes(prod.says("bob", "terrane apply"))).toEqual(["apply_started"]);
});

test("and lets sam of the team apply once the requirements hold", () => {
  const prod = world(["prod/main.tf"]);
  expect(codes(prod.says("sam", "terrane apply"))).toEqual(["not_approved"]);
  prod.approve("sam");
  prod.approve("bob");
  prod.checks = [
    { name: "optional lint", state: "failed" },
    { name: "build nightly", state: "pending" },
  ];
  expect(codes(prod.says("sam", "terrane apply"))).toEqual(["apply_started"]);
});

test("and lets ann force", () => {
  const prod = world(["prod/main.tf"]);
  expect(codes(prod.says("sam", "terrane apply-force"))).toEqual(["access_denied"]);
  expect(codes(prod.says("ann", "terrane apply-force"))).toEqual(["apply_started", "apply_forced"]);
});

test("and guards the configuration", () => {
  const changed = world(["dev/main.tf", ".terrane/config.yml"]);
  expect(changed.snapshot.runs).toEqual([]);
  expect(codes(changed.says("bob", "terrane plan"))).toEqual(["file_guarded"]);
  expect(codes(changed.says("pat", "terrane plan"))).toEqual(["plan_started"]);
});
