import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { modified, run } from "../test/support/change.ts";
import { wavesOf } from "../test/support/stacks.ts";

const PAGE = readFileSync(
  new URL("../docs/reference/stacks-and-order.md", import.meta.url),
  "utf8",
);
const EXAMPLES = [...PAGE.matchAll(/```yaml\n(.*?)```\n\n```text\n(.*?)```/gs)].map(
  ([, config = "", text = ""]) => {
    const lines = text.trim().split("\n");
    const words = (name: string) =>
      (lines.find((line) => line.startsWith(`${name}: `)) ?? "").split(" ").slice(1);
    const waves = lines.filter((line) => line.startsWith("wave "));
    return {
      config,
      files: words("files").map((dir) => `${dir}/main.tf`),
      changed: words("changed").map((dir) => `${dir}/main.tf`),
      waves: waves.map((line) => line.split(" ").slice(2)),
    };
  },
);

test("the page about stacks has examples, and no configuration without its outcome", () => {
  expect(EXAMPLES.length).toBe(PAGE.split("```yaml").length - 1);
  expect(EXAMPLES.length).toBeGreaterThan(3);
});

test.each(EXAMPLES)("the page about stacks tells the truth: $waves", (example) => {
  const { config, files, changed, waves } = example;
  expect(wavesOf(run(config, files, modified(changed)))).toEqual(waves);
});
