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
  const inputs = [
    ["parallel_runs: 1", "a", undefined],
    ["parallel_runs: 1", "a", "tree 1"],
    ["parallel_runs: 1", "a", "tree 2"],
    ["parallel_runs: 1", "b", "tree 2"],
    ["parallel_runs: 2", "b", "tree 2"],
  ] as const;
  const configs = new Map(inputs.map(([text]) => [text, configured(text)]));
  const digests = inputs.map(([text, script, tree]) => {
    const shared = configs.get(text) ?? configured(text);
    const digest = configDigest(shared, script, tree);
    expect(digest).toBe(configDigest(configured(text), script, tree));
    return digest;
  });
  expect(new Set(digests).size).toBe(inputs.length);
  expect(
    new Set([treeDigest("a", "main"), treeDigest("a", "dev"), treeDigest("b", "dev")]).size,
  ).toBe(3);
});
