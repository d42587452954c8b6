import { expect, test } from "vitest";
import { cliHost } from "../../../test/support/cli-host.ts";
import { checkConfig } from "./check.ts";

const OWN = ".terrane/config.yml";

interface Answer {
  readonly ok: boolean;
  readonly diagnostics: readonly { readonly code: string }[];
}

function json(printed: readonly string[]): Answer {
  expect(printed).toHaveLength(1);
  return JSON.parse(printed[0] ?? "") as Answer;
}

test("a valid configuration is ok and exits with 0", async () => {
  const host = cliHost({ [OWN]: "dirs: {a: {}}\n" });
  expect(await checkConfig(host, [], { json: true })).toBe(0);
  expect(json(host.printed)).toEqual({ ok: true, diagnostics: [] });
});

test("warnings are allowed", async () => {
  const host = cliHost({ [OWN]: "default_tf_version: 1.9.0\n" });
  expect(await checkConfig(host, [], { json: true })).toBe(0);
  expect(json(host.printed).diagnostics.map(({ code }) => code)).toEqual(["deprecated"]);
});

test("an error has its place, its path and a suggestion, and exits with 1", async () => {
  const host = cliHost({ [OWN]: "enabled: true\nworkflow: []\n" });
  expect(await checkConfig(host, [], { json: true })).toBe(1);
  expect(json(host.printed)).toMatchObject({
    ok: false,
    diagnostics: [
      { severity: "error", code: "unknown_key", file: OWN, line: 2, column: 1, path: "workflow" },
    ],
  });
});

test("people see the line, a caret under the place, and a summary", async () => {
  const host = cliHost({ [OWN]: 'dirs:\n  "a":\n\t  tagz: []\n'.replace("\t", "  ") });
  expect(await checkConfig(host, [], {})).toBe(1);
  expect(host.printed[0]).toMatch(/^\.terrane\/config\.yml:3:5: error: .*`tagz`/);
  expect(host.printed.slice(1, 3)).toEqual(["  3 |     tagz: []", "    |     ^"]);
  expect(host.printed.at(-1)).toBe(`${OWN}: 1 error.`);
});

test("stacks in a circle are an error also where the files of the repository are not known", async () => {
  const config =
    "stacks: {names: {x: {tag_query: a, rules: {plan_after: [y]}}, y: {tag_query: b, rules: {apply_after: [x]}}}}\n";
  const host = cliHost({ "elsewhere.yml": config });
  expect(await checkConfig(host, ["elsewhere.yml"], { json: true })).toBe(1);
  expect(json(host.printed).diagnostics.map(({ code }) => code)).toEqual(["stack_cycle"]);
});

test("--quiet leaves warnings and the summary out", async () => {
  const host = cliHost({ [OWN]: "default_tf_version: 1.9.0\n" });
  await checkConfig(host, [], { quiet: true });
  expect(host.printed).toEqual([]);
});

test("files of both names at once are an error that names both", async () => {
  const host = cliHost({ [OWN]: "", ".terrateam/config.yaml": "" });
  expect(await checkConfig(host, [], {})).toBe(1);
  expect(host.printed[0]).toContain(".terrane/config.yml:1:1: error: there is also `.terrateam/");
});

test(".yml wins over .yaml of the same name", async () => {
  const host = cliHost({ [OWN]: "", ".terrane/config.yaml": "nonsense: 1" });
  expect(await checkConfig(host, [], {})).toBe(0);
});

test("no configuration is a warning, because the defaults count", async () => {
  const host = cliHost({});
  expect(await checkConfig(host, [], { json: true })).toBe(0);
  expect(json(host.printed).diagnostics.map(({ code }) => code)).toEqual(["no_file"]);
});

test("every file that is named is checked, by file and place, each once", async () => {
  const files = {
    "b.yml": "x: 1\ny: 2\n",
    "a.yml": "z: 1\n",
    "dir.yml": unreadable("is a directory"),
  };
  const host = cliHost(files);
  const named = ["b.yml", "a.yml", "missing.yml", "dir.yml", "b.yml"];
  expect(await checkConfig(host, named, { json: true })).toBe(1);
  expect(json(host.printed).diagnostics).toMatchObject([
    { file: "a.yml", line: 1, path: "z" },
    { file: "b.yml", line: 1, path: "x" },
    { file: "b.yml", line: 2, path: "y" },
    { file: "dir.yml", code: "unreadable", message: "the file is a directory" },
    { file: "missing.yml", code: "unreadable", message: "there is no such file" },
  ]);
});

test("- is standard input", async () => {
  const host = cliHost({}, "oops: 1");
  expect(await checkConfig(host, ["-"], {})).toBe(1);
  expect(host.printed[0]).toContain("-:1:1: error:");
});

test("with a list of files it says what the configuration makes of them", async () => {
  const text = [
    "dirs:",
    "  a: {when_modified: {depends_on: 'dir:b'}}",
    "  b: {when_modified: {depends_on: 'dir:a'}}",
  ].join("\n");
  const host = cliHost({ "c.yml": text, tree: "a/main.tf\nb/main.tf\n" });
  expect(await checkConfig(host, ["c.yml"], { json: true, tree: "tree" })).toBe(1);
  expect(json(host.printed).diagnostics).toMatchObject([
    { code: "depends_on_cycle", line: 2, path: "dirs.a.when_modified.depends_on" },
  ]);
});

test("with a list of files it names what matches nothing", async () => {
  const host = cliHost({ "c.yml": "dirs:\n  a: {}\n  gone: {}\n", tree: "a/main.tf\n" });
  expect(await checkConfig(host, ["c.yml"], { json: true, tree: "tree" })).toBe(0);
  expect(json(host.printed).diagnostics).toMatchObject([
    { severity: "warning", code: "never_matches", line: 3, path: "dirs.gone" },
  ]);
});

test("what lets a change decide about itself is a warning, also without files", async () => {
  const host = cliHost({ "c.yml": "default_branch_overrides: []\n" });
  await checkConfig(host, ["c.yml"], { json: true });
  expect(json(host.printed).diagnostics).toMatchObject([
    { severity: "warning", code: "dangerous" },
  ]);
});

test.each([
  ["a list that is missing", {}, "There is no file tree."],
  ["a list with a NUL", { tree: "a\0b" }, "tree:1: there is a NUL character"],
  ["a list that is no text", { tree: unreadable("is not UTF-8 text") }, "tree is not UTF-8 text."],
])("%s is wrong use", async (_, files, message) => {
  const host = cliHost({ [OWN]: "", ...files });
  await expect(checkConfig(host, [], { tree: "tree" })).rejects.toMatchObject({
    message: expect.stringContaining(message),
    status: 2,
  });
});

test("text of others cannot drive the terminal", async () => {
  const host = cliHost({ [OWN]: '"\\e[31mred": 1\n# \u001b[2J\n' });
  await checkConfig(host, [], {});
  expect(host.printed.join("\n")).not.toMatch(/\u001b/);
});

function unreadable(message: string): { readonly kind: "unreadable"; readonly message: string } {
  return { kind: "unreadable", message };
}
