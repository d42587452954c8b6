import { expect, test } from "vitest";
import { type CliHost, cliHost } from "../../../test/support/cli-host.ts";
import { testCases } from "./test-cases.ts";

const CONFIG = `
dirs:
  network: {tags: [core]}
  app:
    when_modified: {depends_on: "dir:network"}
`;
const CASES = `
tree: |
  network/main.tf
  app/main.tf
cases:
  - name: the network comes first
    given: {changed: network/main.tf}
    expect: {order: [[network], [app]]}
  - name: the app alone
    given: {changed: app/main.tf}
    expect: {affected: [app], tags: {network: [core]}}
`;
const FILES = { ".terrane/config.yml": CONFIG, ".terrane/tests/order.yml": CASES };
const OPTIONS = { repo: "." };

interface Printed {
  readonly ok: boolean;
  readonly files: readonly { readonly file: string; readonly cases: readonly object[] }[];
  readonly diagnostics: readonly object[];
  readonly mutation?: { readonly rules: number; readonly unnoticed: readonly object[] };
}

function json(host: CliHost): Printed {
  return JSON.parse(host.printed.join("\n")) as Printed;
}

test("cases beside the configuration run, and a mismatch says what was expected", async () => {
  const host = cliHost(FILES);
  expect(await testCases(host, [], OPTIONS)).toBe(1);
  expect(host.printed.join("\n")).toMatchInlineSnapshot(`
    ".terrane/tests/order.yml
      ok      the network comes first
      failed  the app alone (line 9)
                tags: expected network with core
                           got network not affected
    2 cases, 1 failed."
  `);
});

test("--mutate says that it drops no rule while a case fails", async () => {
  const host = cliHost(FILES);
  expect(await testCases(host, [], { ...OPTIONS, mutate: true })).toBe(1);
  expect(host.printed.at(-1)).toBe("No rule was dropped: every case has to hold first.");
});

test("the summary does not claim that cases hold which never ran", async () => {
  const broken = { ...FILES, ".terrane/tests/order.yml": "cases: [" };
  const host = cliHost(broken);
  expect(await testCases(host, [], OPTIONS)).toBe(1);
  expect(host.printed.at(-1)).toBe("0 cases; what has errors did not run.");
});

test("cases that hold exit with 0, and JSON has every one of them", async () => {
  const good = CASES.replace(", tags: {network: [core]}", "");
  const host = cliHost({ ...FILES, ".terrane/tests/order.yml": good });
  expect(await testCases(host, [], { ...OPTIONS, json: true })).toBe(0);
  expect(json(host)).toMatchObject({
    ok: true,
    files: [
      {
        file: ".terrane/tests/order.yml",
        cases: [
          { ok: true, line: 6 },
          { ok: true, line: 9 },
        ],
      },
    ],
    diagnostics: [],
  });
});

test("--mutate names the rules that no case notices, by their place", async () => {
  const good = CASES.replace(", tags: {network: [core]}", "");
  const host = cliHost({ ...FILES, ".terrane/tests/order.yml": good });
  expect(await testCases(host, [], { ...OPTIONS, json: true, mutate: true })).toBe(1);
  const unnoticed = [
    { path: "dirs.network", file: ".terrane/config.yml", line: 3, column: 3 },
    { path: "dirs.network.tags", line: 3, column: 13 },
    { path: "dirs.network.tags[0]", line: 3, column: 20 },
  ];
  expect(json(host).mutation).toMatchObject({ rules: 7, noticed: 4, unnoticed });
});

test("a case without expectations is held to its snapshot", async () => {
  const bare = "tree: [network/main.tf]\ncases: [{name: x, given: {changed: network/main.tf}}]";
  const files = { ...FILES, ".terrane/tests/order.yml": bare };
  const before = cliHost(files);
  expect(await testCases(before, [], OPTIONS)).toBe(1);
  expect(before.printed.join("\n")).toContain("--update takes a snapshot");

  const taking = cliHost(files);
  expect(await testCases(taking, [], { ...OPTIONS, update: true })).toBe(0);
  const snapshot = taking.written.get(".terrane/tests/order.snap.yml") ?? "";
  expect(snapshot).toContain("affected:");

  const later = { ...files, ".terrane/tests/order.snap.yml": snapshot };
  expect(await testCases(cliHost(later), [], OPTIONS)).toBe(0);
  const changed = { ...later, ".terrane/config.yml": "when_modified: {autoplan: false}" };
  const host = cliHost(changed);
  expect(await testCases(host, [], OPTIONS)).toBe(1);
  expect(host.printed.join("\n")).toContain("autoplan: expected");
});

test("a file of snapshots that is broken is told, and not written over", async () => {
  const host = cliHost({ ...FILES, ".terrane/tests/order.snap.yml": "x: [" });
  await expect(testCases(host, [], { ...OPTIONS, update: true })).rejects.toThrow("no snapshots");
  expect(host.written.size).toBe(0);
});

test.each([
  [
    "a mistake in the file of cases",
    { ".terrane/tests/order.yml": "cases: [{nam: x}]" },
    "did you mean `name`?",
  ],
  ["a file without cases", { ".terrane/tests/order.yml": "cases: []" }, "there is no case in it"],
])("%s is an error", async (_, files, message) => {
  const host = cliHost({ ...FILES, ...files });
  expect(await testCases(host, [], OPTIONS)).toBe(1);
  expect(host.printed.join("\n")).toContain(message);
});

test.each([
  ["no cases", { ".terrane/config.yml": CONFIG }, "There are no cases in .terrane/tests."],
  ["no configuration", {}, "There is no configuration to test."],
  [
    "no files of the repository",
    { ...FILES, ".terrane/tests/order.yml": "cases: [{name: x, given: {changed: a}}]" },
    "This is no git checkout",
  ],
])("where there are %s, it says what to do", async (_, files, message) => {
  await expect(testCases(cliHost(files), [], OPTIONS)).rejects.toThrow(message);
});
