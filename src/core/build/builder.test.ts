import { expect, test } from "vitest";
import { effectiveConfig } from "../config/effective.ts";
import { configDigest, treeDigest } from "./builder.ts";

function configured(text: string) {
  const effective = effectiveConfig(
    [{ source: "repository", file: "config.yml", text }],
    "as_written",
  );
  if (effective.kind === "error") throw new Error("it is not valid");
  return effective;
}

test("S30 what a builder is asked is known by all that its answer follows from, in whatever order it is asked for", () => {
  const main = { branch: "feature", destBranch: "main" };
  const inputs = [
    ["parallel_runs: 1", "a", main, undefined],
    ["parallel_runs: 1", "a", main, "tree 1"],
    ["parallel_runs: 1", "a", main, "tree 2"],
    ["parallel_runs: 1", "a", { ...main, destBranch: "dev" }, "tree 2"],
    ["parallel_runs: 1", "a", { ...main, branch: "other" }, "tree 2"],
    ["parallel_runs: 1", "b", main, "tree 2"],
    ["parallel_runs: 2", "b", main, "tree 2"],
  ] as const;
  const configs = new Map(inputs.map(([text]) => [text, configured(text)]));
  const digests = inputs.map(([text, script, branches, tree]) => {
    const shared = configs.get(text) ?? configured(text);
    const digest = configDigest(shared, script, branches, tree);
    expect(digest).toBe(configDigest(configured(text), script, branches, tree));
    return digest;
  });
  expect(new Set(digests).size).toBe(inputs.length);
  expect(
    new Set([treeDigest("a", "main"), treeDigest("a", "dev"), treeDigest("b", "dev")]).size,
  ).toBe(3);
});
