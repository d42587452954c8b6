import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { routes } from "../../src/contract/api.ts";
import {
  CONFIGURATION_CHARS_MAX,
  type ConfigurationCheck,
} from "../../src/contract/configuration.ts";
import type { CommitSha } from "../../src/core/ids.ts";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

const COMMIT = "c".repeat(40) as CommitSha;
const OTHER = "d".repeat(40) as CommitSha;
const GOOD = 'dirs:\n  net: {tags: [shared]}\n  app: {when_modified: {depends_on: "dir:net"}}\n';

let http: HttpLab;
let repository: string;

beforeAll(async () => {
  http = await httpLab();
  await http.lab.open(1, ["net/main.tf"]);
  const [first] = (await (await http.call("/api/v1/repositories")).json()) as { id: string }[];
  repository = first?.id ?? "";
});

beforeEach(() => {
  const { vcs } = http.lab;
  vcs.down = false;
  vcs.config = GOOD;
  vcs.centralCommit = undefined;
  vcs.centralFiles = {};
  vcs.files = ["net/main.tf", "app/main.tf", "lib/x.txt"];
  vcs.branches.set("main", COMMIT);
  vcs.branches.set("feature/x", OTHER);
});

afterAll(() => http.close());

async function configuration(query = ""): Promise<Response> {
  return await http.call(`/api/v1/repositories/${repository}/configuration${query}`);
}

let commits = 0;
/** What a commit holds never changes, so it is read only once. */
function newCommit(): void {
  commits += 1;
  http.lab.vcs.branches.set("main", commits.toString(16).padStart(40, "0") as CommitSha);
}

async function check(body: object): Promise<ConfigurationCheck> {
  const response = await http.call("/api/v1/configuration/check", { body });
  expect(response.status).toBe(200);
  return routes.checkConfiguration.reply.parse(await response.json());
}

async function affected(body: object) {
  const path = `/api/v1/repositories/${repository}/affected`;
  const response = await http.call(path, { body });
  expect(response.status).toBe(200);
  return routes.affected.reply.parse(await response.json());
}

// First, while nothing of the repository is remembered.
test("a draft is checked without the files where they cannot be read, and that is said", async () => {
  http.lab.vcs.down = true;
  expect(await check({ text: "parallel_runs: 2\n", repository })).toEqual({
    ok: true,
    diagnostics: [],
    withoutTree: "down for a test",
  });
});

test("the file of the default branch comes with its commit and each value's line", async () => {
  const view = routes.configuration.reply.parse(await (await configuration()).json());
  expect(view).toMatchObject({
    repository: "acme/infra",
    ref: "main",
    commit: COMMIT,
    files: [{ path: ".terrane/config.yml", text: GOOD }],
    diagnostics: [],
  });
  expect(view.effective?.find(({ path }) => path === "dirs.net.tags")).toEqual({
    path: "dirs.net.tags",
    value: '["shared"]',
    origin: { file: ".terrane/config.yml", line: 2, column: 16, here: true },
  });
  expect(view.effective?.find(({ path }) => path === "parallel_runs")).toMatchObject({
    value: "3",
    origin: null,
  });
});

test("another branch and a commit can be asked for, what is not there is not found", async () => {
  expect(await (await configuration("?ref=feature%2Fx")).json()).toMatchObject({ commit: OTHER });
  expect(await (await configuration(`?ref=${OTHER}`)).json()).toMatchObject({ commit: OTHER });
  expect((await configuration("?ref=nowhere")).status).toBe(404);
});

test("without a file the defaults count", async () => {
  http.lab.vcs.config = undefined;
  newCommit();
  const view = routes.configuration.reply.parse(await (await configuration()).json());
  expect(view).toMatchObject({ files: [], diagnostics: [] });
  expect(view.effective?.every(({ origin }) => origin === null)).toBe(true);
});

test("a file with errors shows them, and no value counts", async () => {
  http.lab.vcs.config = "enabeld: true\n";
  newCommit();
  expect(await (await configuration()).json()).toMatchObject({
    files: [{ text: "enabeld: true\n" }],
    diagnostics: [{ code: "unknown_key", line: 1, column: 1, suggestion: "enabled" }],
    effective: null,
  });
});

test("a VCS that does not answer is said so, and asked again", async () => {
  http.lab.vcs.down = true;
  const response = await configuration();
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { message: "down for a test" } });
  http.lab.vcs.down = false;
  expect((await configuration()).status).toBe(200);
});

test("a draft is checked by itself, with every error and its place", async () => {
  const found = await check({ text: "enabeld: true\nparallel_runs: many\n", file: "x.yml" });
  expect(found.ok).toBe(false);
  expect(found.diagnostics.map(({ file, line, code }) => [file, line, code])).toEqual([
    ["x.yml", 1, "unknown_key"],
    ["x.yml", 2, "wrong_type"],
  ]);
  expect(found).not.toHaveProperty("effective");
  expect(await check({ text: GOOD })).toEqual({ ok: true, diagnostics: [] });
});

test("with a repository a draft is checked against its files", async () => {
  const text = 'dirs:\n  net: {when_modified: {depends_on: "dir:app"}}\n';
  const circle = `${text}  app: {when_modified: {depends_on: "dir:net"}}\n`;
  expect(await check({ text: circle })).toMatchObject({ ok: true });
  const found = await check({ text: circle, repository, effective: true });
  expect(found.ok).toBe(false);
  expect(found.diagnostics.at(-1)).toMatchObject({ code: "depends_on_cycle", line: 3 });
  expect(found.diagnostics.at(-1)?.message).toContain("app → net → app");
  expect(found.effective).toBeInstanceOf(Array);
});

test("what a change would touch comes by waves with reasons, under the draft or the file", async () => {
  const changed = "net/main.tf\nlib/x.txt\n";
  const now = await affected({ changed });
  expect(now).toMatchObject({ ok: true, total: 2 });
  expect(now.dirspaces.map(({ dir, wave }) => [dir, wave])).toEqual([
    ["net", 0],
    ["app", 1],
  ]);
  expect(now.dirspaces[1]).toMatchObject({
    because: ["it comes after `net:default`, which changes"],
    predecessors: ["net:default"],
    workflow: null,
  });
  const text = 'workflows: [{tag_query: "dir:net"}]\n';
  const drafted = await affected({ changed, text });
  expect(drafted.dirspaces).toMatchObject([
    { dir: "net", wave: 0, workflow: { index: 0, tagQuery: "dir:net" } },
  ]);
});

test("files that the change adds, moves and deletes are as the change leaves them", async () => {
  const added = await affected({ changed: "R app/main.tf web/main.tf\nD net/main.tf\n" });
  expect(added.dirspaces.map(({ dir }) => dir)).toEqual(["web"]);
  expect(added.diagnostics.map(({ code }) => code)).toContain("deleted_directory");
});

test("where Terrane is switched off, that is the answer, with its line", async () => {
  const text = "parallel_runs: 2\nenabled: false\n";
  expect(await affected({ changed: "net/main.tf", text })).toMatchObject({
    ok: true,
    dirspaces: [],
    diagnostics: [{ code: "disabled", severity: "warning", line: 2 }],
  });
});

test("the branches of the change give their tags", async () => {
  const text = 'tags: {branch: {hot: "^hotfix/"}}\n';
  const tags = async (branch: string) =>
    (await affected({ changed: "net/main.tf", text, branch })).dirspaces[0]?.tags;
  expect(await tags("hotfix/1")).toContain("branch:hot");
  expect(await tags("other")).not.toContain("branch:hot");
});

test.each([
  ["a draft with errors", { text: "x: 1\n", changed: "net/main.tf" }, ".terrane/config.yml", 1],
  ["a line that is no path", { changed: "net/main.tf\n/etc/passwd" }, "changed", 2],
])("there is no answer for %s, but its place", async (_name, body, file, line) => {
  expect(await affected(body)).toMatchObject({
    ok: false,
    dirspaces: [],
    diagnostics: [{ severity: "error", file, line }],
  });
});

test("where code counts that no job has read, that is said, and the rest is answered", async () => {
  const text = "indexer:\n  enabled: true\n";
  const found = await affected({ changed: "net/main.tf", text, file: "x.yml" });
  expect(found.dirspaces.map(({ dir }) => dir)).toEqual(["net"]);
  expect(found.diagnostics).toMatchObject([
    { code: "code_not_read", severity: "warning", file: "x.yml", line: 2, path: "indexer.enabled" },
  ]);
  expect(found.diagnostics[0]?.message).toContain("are not read yet");
  expect(found.ok).toBe(true);
});

test("what the central repository says counts, and its values name its file", async () => {
  const { vcs } = http.lab;
  vcs.config = "parallel_runs: 2\n";
  vcs.centralCommit = "1".repeat(40) as CommitSha;
  vcs.centralFiles = {
    "config/defaults.yml": "parallel_runs: 5\nautomerge: {enabled: true}\n",
    "config/infra/overrides.yml": "dirs:\n  app: {when_modified: {file_patterns: []}}\n",
  };
  newCommit();
  const view = routes.configuration.reply.parse(await (await configuration()).json());
  const checkedView = await check({ text: vcs.config, repository, effective: true });
  for (const values of [view.effective, checkedView.effective]) {
    expect(values?.find(({ path }) => path === "parallel_runs")).toMatchObject({ value: "2" });
    expect(values?.find(({ path }) => path === "automerge.enabled")).toEqual({
      path: "automerge.enabled",
      value: "true",
      origin: { file: "acme/terrane:config/defaults.yml", line: 2, column: 22, here: false },
    });
  }
  const changed = "net/main.tf\napp/main.tf\n";
  const dirs = async (text?: string) =>
    (await affected({ changed, text })).dirspaces.map(({ dir }) => dir);
  expect(await dirs()).toEqual(["net"]);
  expect(await dirs("parallel_runs: 4\n")).toEqual(["net"]);
});

test("a mistake in the central repository is named with its file, beside those of the draft", async () => {
  const { vcs } = http.lab;
  vcs.centralCommit = "2".repeat(40) as CommitSha;
  vcs.centralFiles = { "config/overrides.yml": "# first\nenabeld: true\n" };
  const central = { code: "unknown_key", file: "acme/terrane:config/overrides.yml", line: 2 };
  expect(await check({ text: GOOD, repository })).toMatchObject({
    ok: false,
    diagnostics: [central],
  });
  expect(await check({ text: "one: 1\n", repository, file: "x.yml" })).toMatchObject({
    diagnostics: [{ code: "unknown_key", file: "x.yml", line: 1 }, central],
  });
  expect(await affected({ changed: "net/main.tf" })).toMatchObject({
    ok: false,
    diagnostics: [central],
  });
});

test("a central file that stands in for the repository's own is said to", async () => {
  const { vcs } = http.lab;
  vcs.config = "enabeld: true\n";
  vcs.centralCommit = "3".repeat(40) as CommitSha;
  vcs.centralFiles = { "config/infra/config.yml": "parallel_runs: 7\n" };
  newCommit();
  const view = routes.configuration.reply.parse(await (await configuration()).json());
  expect(view.diagnostics).toMatchObject([{ code: "replaced", severity: "warning", line: 0 }]);
  expect(view.diagnostics[0]?.message).toContain("acme/terrane:config/infra/config.yml");
  expect(view.effective?.find(({ path }) => path === "parallel_runs")).toMatchObject({
    value: "7",
    origin: { here: false },
  });
});

test("the files of a pull request come as a list of changes", async () => {
  const { vcs } = http.lab;
  vcs.changed.set(1, [
    { kind: "modified", path: "net/a b.tf" },
    { kind: "renamed", from: "old.tf", to: "new.tf" },
    { kind: "deleted", path: "net/gone.tf" },
  ]);
  const path = `/api/v1/repositories/${repository}/pulls/1/files`;
  const files = routes.changedFiles.reply.parse(await (await http.call(path)).json());
  expect(files).toEqual({
    changed: "M\tnet/a b.tf\nR\told.tf\tnew.tf\nD\tnet/gone.tf\n",
    total: 3,
  });
  expect((await affected({ changed: files.changed })).ok).toBe(true);
});

test("a text larger than a configuration may be is refused", async () => {
  const text = "#".repeat(CONFIGURATION_CHARS_MAX + 1);
  const response = await http.call("/api/v1/configuration/check", { body: { text } });
  expect(response.status).toBe(400);
});

test("who asks without end waits", async () => {
  const ask = () => http.call(`/api/v1/repositories/${repository}/configuration`);
  const statuses = new Set<number>();
  for (let call = 0; call < 70; call++) statuses.add((await ask()).status);
  expect(statuses).toContain(429);
  const last = await ask();
  expect(last.headers.get("retry-after")).toMatch(/^\d+$/);
});
