import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { badSubjects } from "./commits.ts";
import { oneTitle } from "./markdown.ts";
import { changedMigrations } from "./migrations.ts";
import { tooLong } from "./size.ts";
import { leftOvers, lockFileHosts, machineTraces, vendorWords } from "./words.ts";

const lines = (count: number): string => "const a = 1;\n".repeat(count);
const body = (count: number): string => `function f() {\n${lines(count)}}\n`;
const later = ["TO", "DO"].join("");

test.each([
  ["src/a.ts", lines(400), []],
  ["src/a.ts", lines(401), ["src/a.ts: a file of 401 lines; at most 400, split it"]],
  ["migrations/0001_a.sql", lines(401), [expect.stringContaining("401 lines")]],
  ["src/a.gen.ts", lines(900), []],
  ["README.md", lines(900), []],
  ["src/a.ts", body(68), []],
  ["src/a.ts", `\n${body(69)}`, ["src/a.ts:2: a function of 71 lines; at most 70, split it"]],
  ["src/a.tsx", `const b = () => (<p>\n${"x\n".repeat(70)}</p>);`, [expect.stringContaining("72")]],
  ["src/a.ts", `const b = { c() {\n${lines(70)}} };`, [expect.stringContaining("72")]],
  ["src/a.ts", `function f() {\nreturn {\n${`g() {\n${lines(30)}},\n`.repeat(3)}};\n}`, []],
  ["src/a.ts", `function f() {\ng(() => {\n${lines(70)}});\n}`, [expect.stringContaining("74")]],
  ["test/a.ts", `export function suite() {\n${"test('a', () => 1);\n".repeat(80)}}`, []],
  ["test/a.ts", `test("a", () => {\n${lines(70)}});`, [expect.stringContaining("72")]],
])("%s is measured (%#)", (path, text, found) => {
  expect(tooLong([{ path, text }], {})).toEqual(found);
});

test.each([
  [450, 450, []],
  [450, 451, ["src/a.ts: the file grew from 450 to 451 lines"]],
  [450, 430, ["src/a.ts: shrank to 430 lines; lower the ratchet too"]],
])("the ratchet at %d turns only one way: %d lines", (allowed, now, found) => {
  const ratchet = { "src/a.ts": { file: allowed } };
  expect(tooLong([{ path: "src/a.ts", text: lines(now) }], ratchet)).toEqual(found);
});

test("a file that is gone leaves the ratchet", () => {
  expect(tooLong([], { "src/a.ts": { file: 450 } })).toHaveLength(1);
});

test.each([
  ["src/core/a.ts", "// as GitHub does", 1],
  ["src/engine/a.ts", 'import "@octokit/core";\nconst gitlab = 1;', 2],
  ["migrations/0001_a.sql", "create table github_user ();", 1],
  ["src/store/github.ts", "", 1],
  ["src/vcs/local/a.ts", "gitlab", 1],
  ["src/http/api.ts", "/api/github", 1],
  ["src/vcs/github/a.ts", "octokit", 0],
  ["src/ci/gitlab-ci.ts", "gitlab", 0],
  ["src/main/server.ts", "github", 0],
  ["src/runner/host/github-actions.ts", "GITHUB_TOKEN", 0],
  ["docs/a.md", "GitHub", 0],
])("a vendor word in %s: %j", (path, text, count) => {
  expect(vendorWords({ path, text })).toHaveLength(count);
});

test.each([
  [`// ${later}: later`, 1],
  [`// ${later}(#12)`, 1],
  [`// ${later}(#12): reads twice`, 0],
  [`// ${["FIX", "ME"].join("")}(#12): reads twice`, 1],
  ["// todos of the user", 0],
])("left for later: %s", (text, count) => {
  expect(leftOvers({ path: "src/a.ts", text })).toHaveLength(count);
});

test.each([
  [`"${["", "work", "main"].join("/")}"`, 1],
  [`cd ${["", "home", "ann", "x"].join("/")}`, 1],
  [["", "tmp", "brief", "x"].join("/"), 1],
  [`https://${["registry", "npmjs", "org"].join(".")}/zod`, 1],
  ["https://example.org/work/items", 0],
  ["api/v1/work/claim", 0],
  ["registry.terraform.io/hashicorp/aws", 0],
])("a trace of one machine: %s", (text, count) => {
  expect(machineTraces({ path: "docs/a.md", text })).toHaveLength(count);
});

test("a lock file keeps no host", () => {
  const text = '{\n  "resolved": "https://example.org/zod.tgz"\n}';
  expect(lockFileHosts({ path: "package-lock.json", text })).toHaveLength(1);
  expect(lockFileHosts({ path: "package-lock.json", text: '"integrity": "sha512"' })).toEqual([]);
});

test.each([
  ["# One\n\ntext\n", 0],
  ["text\n", 1],
  ["# One\n# Two\n", 1],
  ["# One\n```sh\n# a comment\n```\n## Two\n", 0],
  ["# One\n````\n```\n# inside\n````\n", 0],
])("a page has one title: %j", (text, count) => {
  expect(oneTitle({ path: "docs/a.md", text })).toHaveLength(count);
});

test("a released migration that changed or vanished is found, and so is a gap", () => {
  const hash = createHash("sha256").update("create table a ();").digest("hex");
  const first = { path: "migrations/0001_a.sql", text: "create table a ();" };
  const changed = { ...first, text: "create table b ();" };
  const third = { path: "migrations/0003_c.sql", text: "" };
  expect(changedMigrations([first], { "0001_a.sql": hash })).toEqual([]);
  expect(changedMigrations([changed], { "0001_a.sql": hash })).toHaveLength(1);
  expect(changedMigrations([], { "0001_a.sql": hash })).toHaveLength(1);
  expect(changedMigrations([first, third], {})).toHaveLength(1);
});

test.each([
  ["core: decide once", 0],
  ["vcs/local, ci: speak git", 0],
  ["Decide once", 1],
  ["core: decide once.", 1],
  ["core:decide", 1],
  ["martian: decide", 1],
  [`core: ${"long ".repeat(30)}end`, 1],
])("a subject: %s", (subject, count) => {
  expect(badSubjects([subject], new Set(["core", "vcs", "ci"]))).toHaveLength(count);
});
