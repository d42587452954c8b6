import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { present } from "../../base/assert.ts";
import { effectiveConfig } from "./effective.ts";
import { configWithOrigins } from "./show.ts";

const GUIDE = new URL("../../../docs/reference/configuration-sources.md", import.meta.url);

test("the example of the guide comes out as the guide says", () => {
  const guide = readFileSync(GUIDE, "utf8");
  const blocks = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map((found) => found[1] ?? "");
  const [defaults, overrides, own, result] = blocks.map((block) => present(block, "a block"));
  expect(blocks).toHaveLength(4);
  const central = "acme/terrane:config";
  const effective = effectiveConfig(
    [
      { source: "central_defaults", file: `${central}/defaults.yml`, text: defaults ?? "" },
      { source: "central_overrides", file: `${central}/overrides.yml`, text: overrides ?? "" },
      { source: "repository", file: ".terrane/config.yml", text: own ?? "" },
      { source: "default_branch", file: ".terrane/config.yml", text: own ?? "" },
    ],
    "guarded",
  );
  if (effective.kind === "error") throw new Error(JSON.stringify(effective.diagnostics));
  const { lines } = configWithOrigins(effective);
  const written = lines.filter((line) => line.includes(" # ") && !line.endsWith("# default"));
  const told = (result ?? "").split("\n").filter((line) => line.includes(" # "));
  expect(written).toEqual(told);
});
