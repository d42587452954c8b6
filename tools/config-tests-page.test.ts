import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testCases } from "../src/cli/workbench/test-cases.ts";
import { cliHost } from "../test/support/cli-host.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../docs/reference/config-tests.md"), "utf8");
const [config = "", cases = "", plain = "", mutated = ""] = [
  ...PAGE.matchAll(/```(?:yaml|text)\n([\s\S]*?)```/g),
].map(([, block]) => block ?? "");
const FILES = { ".terrane/config.yml": config, ".terrane/tests/production.yml": cases };

test("the page about testing a configuration shows what really comes out", async () => {
  const host = cliHost(FILES);
  expect(await testCases(host, [], { repo: "." })).toBe(0);
  expect(host.printed.join("\n")).toBe(plain.trimEnd());
});

test("and what --mutate says about its example", async () => {
  const host = cliHost(FILES);
  expect(await testCases(host, [], { repo: ".", mutate: true })).toBe(1);
  expect(host.printed.slice(host.printed.indexOf("3 cases, all hold.") + 1).join("\n")).toBe(
    mutated.trimEnd(),
  );
});
