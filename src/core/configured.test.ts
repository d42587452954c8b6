import { expect, test } from "vitest";
import { CoreWorld } from "../../test/support/core-world.ts";
import type { CentralFile } from "./fact.ts";
import type { Reason } from "./reason.ts";

const FILES = ["net/main.tf"];

function world(files: Readonly<Record<string, string>>, config?: string): CoreWorld {
  const made = new CoreWorld(FILES, FILES, config);
  made.centralFiles = Object.entries(files).map(
    ([path, text]): CentralFile => ({ kind: "text", path, text }),
  );
  return made;
}

function codes(reasons: readonly Reason[]): readonly string[] {
  return reasons.map((reason) => reason.code);
}

test("S16 an override of the central repository forces a requirement that nothing here weakens", () => {
  const overrides =
    "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true, any_of_count: 1}}]}";
  const config = "default_branch_overrides: []\napply_requirements: {checks: [{tag_query: ''}]}";
  const here = world({ "config/overrides.yml": overrides }, config);
  here.changed();
  here.runnerPlans({});
  expect(codes(here.says("ann", "terrane apply"))).toContain("not_approved");
  here.approve("bob");
  expect(codes(here.says("ann", "terrane apply"))).toContain("apply_started");
});

test("an error in a central file refuses and names the central file", () => {
  const [reason] = world({ "config/infra/defaults.yml": "paralel_runs: 1" }).changed();
  expect(reason).toMatchObject({
    code: "config_invalid",
    diagnostics: [{ file: "acme/terrane:config/infra/defaults.yml", line: 1, column: 1 }],
  });
});

test("warnings about central files are not for the pull request", () => {
  const here = world({ "config/defaults.yml": 'default_tf_version: "1.5"' });
  here.changed();
  expect(here.snapshot.pullRequest.changeSet?.warnings).toEqual([]);
});

test("a central file that stands in for the repository's own makes its errors harmless", () => {
  const here = world({ "config/infra/config.yml": "parallel_runs: 2" }, "not: valid");
  expect(codes(here.changed())).toContain("plan_started");
});

test("a central file that cannot be read stops everything", () => {
  const here = world({});
  const path = "config/overrides.yml";
  here.centralFiles = [{ kind: "unreadable", path, message: "too large" }];
  expect(here.changed()[0]).toEqual({
    code: "lookup_refused",
    what: "central",
    message: "acme/terrane:config/overrides.yml: too large",
  });
});

test("without a central repository no file of one is asked for", () => {
  const here = new CoreWorld(FILES, FILES);
  here.changed();
  expect(here.asked.filter((key) => key.startsWith("central"))).toEqual(["central"]);
});
