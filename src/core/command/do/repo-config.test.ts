import { expect, test } from "vitest";
import { CoreWorld } from "../../../../test/support/core-world.ts";
import type { Reason } from "../../reason.ts";

const FILES = ["net/main.tf"];

function shown(world: CoreWorld): Extract<Reason, { code: "config_shown" }> {
  const [reason] = world.says("ann", "terrane repo-config");
  if (reason?.code !== "config_shown") throw new Error(JSON.stringify(reason));
  return reason;
}

test("repo-config shows the configuration in force with the origin of each value", () => {
  const world = new CoreWorld(FILES, FILES, "parallel_runs: 2");
  const text = "automerge:\n  enabled: true\n";
  world.centralFiles = [{ kind: "text", path: "config/overrides.yml", text }];
  const { lines, files, linesOmitted } = shown(world);
  expect(lines).toContain("parallel_runs: 2 # .terrane/config.yml:1");
  expect(lines).toContain("  enabled: true # acme/terrane:config/overrides.yml:2");
  expect(lines).toContain("enabled: true # default");
  expect(files.toSorted()).toEqual([".terrane/config.yml", "acme/terrane:config/overrides.yml"]);
  expect(linesOmitted).toBe(0);
  expect(world.effects()).toEqual(["publish", "acknowledge"]);
});

test("repo-config works while there is nothing to plan, and for whoever may read", () => {
  const world = new CoreWorld(FILES, [], "enabled: false");
  world.permissions.set("ann", "read");
  expect(shown(world).lines).toContain("enabled: false # .terrane/config.yml:1");
  world.permissions.set("ann", "none");
  expect(world.says("ann", "terrane repo-config")).toMatchObject([{ code: "not_permitted" }]);
});

test("repo-config of a broken configuration says what is wrong", () => {
  const world = new CoreWorld(FILES, FILES, "parallel_runs: x");
  expect(world.says("ann", "terrane repo-config")).toMatchObject([{ code: "config_invalid" }]);
});

test("what is kept of a configuration has a limit, and what is missing is counted", () => {
  const dirs = Array.from({ length: 2_000 }, (_, n) => `  d${n}: {create_if_missing: true}`);
  const world = new CoreWorld(FILES, FILES, `dirs:\n${dirs.join("\n")}\n`);
  const { lines, linesOmitted } = shown(world);
  expect(lines.join("\n").length).toBeLessThanOrEqual(40_000);
  expect(linesOmitted).toBeGreaterThan(1_000);
});

test("what is kept is text that a database takes", () => {
  const world = new CoreWorld(FILES, FILES, 'dirs: {a: {tags: ["x\\0y", "\\uD800"]}}');
  const text = shown(world).lines.join("\n");
  expect(text.isWellFormed()).toBe(true);
  expect(text).not.toContain("\u0000");
});
