import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  environmentsAsDirectories,
  modulesThreeUp,
  symlinkedShared,
  terragrunt,
  workspaces,
} from "../support/layouts.ts";
import { openDesk } from "../support/terrane-program.ts";

const home = mkdtempSync(join(tmpdir(), "terrane-workbench-"));
const desk = openDesk(home);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const LAYOUTS = { environmentsAsDirectories, workspaces, modulesThreeUp, symlinkedShared };

interface Answer {
  readonly dirspaces: readonly { dir: string; workspace: string; wave: number }[];
  readonly diagnostics: readonly { severity: string; code: string }[];
}

const KEYS = ["dir", "workspace", "wave", "tags", "workflow", "because"];

async function affected(root: string, ...args: readonly string[]) {
  const ran = await desk.terrane(root, ["affected", "--json", ...args]);
  const answer = JSON.parse(ran.stdout) as Answer;
  for (const one of answer.dirspaces)
    expect(Object.keys(one)).toEqual(expect.arrayContaining(KEYS));
  return {
    ...ran,
    answer,
    names: answer.dirspaces.map((one) => `${one.wave} ${one.dir}:${one.workspace}`),
  };
}

function files(name: string, contents: Readonly<Record<string, string | Buffer>>): string {
  const root = join(home, name);
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(contents)) writeFileSync(join(root, path), content);
  return root;
}

test.each([
  ["environmentsAsDirectories", "envs/staging/network/main.tf", ["0 envs/staging/network:default"]],
  [
    "environmentsAsDirectories",
    "modules/service/main.tf",
    ["0 envs/production/service:default", "0 envs/staging/service:default"],
  ],
  ["workspaces", "app/staging.tfvars", ["0 app:staging"]],
  ["workspaces", "modules/dns/main.tf", ["0 app:dev", "0 app:production", "0 app:staging"]],
  [
    "modulesThreeUp",
    "modules/cluster/templates/start.sh.tftpl",
    ["0 teams/payments/prod/cluster:default", "0 teams/search/prod/cluster:default"],
  ],
  ["symlinkedShared", "shared/monitoring/main.tf", ["0 roots/a:default"]],
] as const)("%s: a change of %s touches %j", async (layout, changed, expected) => {
  const root = join(home, `${layout}-${changed.replaceAll("/", "_")}`);
  LAYOUTS[layout](root);
  await desk.shell(root, `echo '# changed' >> ${changed}`);
  const { status, names } = await affected(root);
  expect(status).toBe(0);
  expect(names).toEqual(expected);
});

test("terragrunt: the units that read a file are touched in the order of their dependencies", async () => {
  const root = join(home, "terragrunt");
  terragrunt(root);
  await desk.shell(root, "echo '# changed' >> live/dev/stage.hcl");
  expect((await affected(root)).names).toEqual([
    "0 live/dev/vpc:default",
    "1 live/dev/database:default",
    "2 live/dev/app:default",
  ]);
});

test("commits, staged, unstaged and new files count; ignored ones do not", async () => {
  const root = join(home, "states");
  workspaces(root);
  const dirs = ["committed", "staged", "unstaged", "new", "ignored"];
  await desk.shell(
    root,
    `set -e
     for d in ${dirs.join(" ")}; do mkdir $d; done
     echo > unstaged/main.tf; echo ignored > .gitignore; git add .; git commit -qm base
     git switch -qc feature
     echo > committed/main.tf; git add .; git commit -qm change
     echo > staged/main.tf; git add staged
     echo '#' > unstaged/main.tf; echo > new/main.tf; echo > ignored/main.tf`,
  );
  expect((await affected(root)).names).toEqual(
    ["committed", "new", "staged", "unstaged"].map((dir) => `0 ${dir}:default`),
  );
  expect((await affected(root, "--diff", "main...feature")).names).toEqual(["0 committed:default"]);
  expect((await affected(join(root, "app"), "--diff", "HEAD")).names).toEqual(
    ["new", "staged", "unstaged"].map((dir) => `0 ${dir}:default`),
  );
});

test("what guards applies comes from the default branch, and show says where from", async () => {
  const root = join(home, "guarded");
  modulesThreeUp(root);
  await desk.shell(
    root,
    "git switch -qc feature; echo 'destination_branches: [x]' >> .terrane/config.yml",
  );
  const shown = await desk.terrane(root, ["config", "show", "--json"]);
  expect(shown.status).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    ok: true,
    config: { destination_branches: [], indexer: { enabled: true } },
    origins: { "indexer.enabled": { source: "repository", file: ".terrane/config.yml", line: 2 } },
  });
  const alone = await desk.terrane(root, ["config", "show", "--json", "--no-default-branch"]);
  expect(JSON.parse(alone.stdout)).toMatchObject({ config: { destination_branches: ["x"] } });
  const before = await desk.terrane(root, ["config", "show", "--json", "--ref", "main"]);
  expect(JSON.parse(before.stdout)).toMatchObject({ config: { destination_branches: [] } });
});

test.each([
  ["a file is shown by itself", [], ["x"]],
  ["a default branch that is named guards a file as well", ["--default-branch", "main"], []],
])("%s", async (name, options, branches) => {
  const root = join(home, name.replaceAll(" ", "-"));
  modulesThreeUp(root);
  await desk.shell(root, "echo 'destination_branches: [x]' > new.yml");
  const config = ["--config", "new.yml", ...options];
  const shown = await desk.terrane(root, ["config", "show", "--json", ...config]);
  expect(shown.status).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({ config: { destination_branches: branches } });
  const lists = ["--changed", "new.yml", "--dest-branch", "main"];
  const touched = await desk.terrane(root, ["affected", "--json", ...config, ...lists]);
  const answer = JSON.parse(touched.stdout) as {
    readonly diagnostics: readonly { readonly code: string }[];
  };
  const codes = answer.diagnostics.map(({ code }) => code);
  expect(codes.includes("destination_branch")).toBe(branches.length > 0);
});

test("config check knows the checkout that it is in", async () => {
  const root = join(home, "cycle");
  workspaces(root);
  const config =
    "dirs:\n  app: {when_modified: {depends_on: 'dir:modules/dns'}}\n  modules/dns: {when_modified: {depends_on: 'dir:app'}}\n";
  writeFileSync(join(root, ".terrane/config.yml"), config);
  const ran = await desk.terrane(join(root, "app"), ["config", "check", "--json"]);
  expect(ran.status).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ok: false,
    diagnostics: [{ severity: "error", code: "depends_on_cycle", file: "../.terrane/config.yml" }],
  });
});

const LISTS = ["--config", "c.yml", "--tree", "tree", "--changed", "changed"];
const GOOD = { "c.yml": "", tree: "a/main.tf\n", changed: "a/main.tf\n" };

test("plain lists need no checkout", async () => {
  const root = files("lists", GOOD);
  expect((await affected(root, ...LISTS)).names).toEqual(["0 a:default"]);
});

test.each([
  ["a list that is missing", { changed: undefined }, 2, "There is no file changed."],
  [
    "a list that is binary",
    { changed: Buffer.from([0xff, 0xfe, 0x00]) },
    2,
    "changed is not UTF-8 text.",
  ],
  [
    "a list with NUL characters",
    { tree: "a/main.tf\0b/main.tf\0" },
    2,
    "tree:1: there is a NUL character",
  ],
  [
    "a list with a million paths and one",
    { tree: "a\n".repeat(1_000_001) },
    2,
    "at most 1000000 paths",
  ],
  [
    "a path that leaves the repository",
    { changed: "../../etc/passwd\n" },
    2,
    'changed:1: "../../etc/passwd" leaves the repository',
  ],
  ["half a move", { changed: "R a\n" }, 2, "a move is `R old new`"],
  [
    "a configuration that is binary",
    { "c.yml": Buffer.alloc(100, 0xff) },
    2,
    "c.yml is not UTF-8 text.",
  ],
] as const)("%s is a clear error", async (name, changes, status, message) => {
  const contents = Object.entries({ ...GOOD, ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  const root = files(
    name.replaceAll(" ", "-"),
    Object.fromEntries(contents) as Record<string, string>,
  );
  const ran = await desk.terrane(root, ["affected", "--json", ...LISTS]);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toContain(message);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  expect(ran.status).toBe(status);
});

test("a configuration that is too large is a finding", async () => {
  const root = files("large", { "c.yml": "#".repeat(2_000_000) });
  const ran = await desk.terrane(root, ["config", "check", "--json", "c.yml"]);
  expect(ran.status).toBe(1);
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, diagnostics: [{ file: "c.yml" }] });
});

test.each([
  [["query", "a", "--tags", "a,b", "--json"], 0, { result: true }],
  [["query", "foo in dir", "--dir", "x/foo", "--json"], 0, { result: true }],
  [["query", "(", "--json"], 2, { error: { message: expect.any(String), offset: 0 } }],
])("terrane %j exits with %d", async (args, status, expected) => {
  const ran = await desk.terrane(home, args);
  expect({ ...ran, stdout: JSON.parse(ran.stdout) as unknown }).toEqual({
    status,
    stdout: expected,
    stderr: "",
  });
});

test.each([
  ["query"],
  ["config"],
  ["config", "nonsense"],
  ["affected", "--nonsense"],
  ["query", "a", "b"],
])("terrane %s %s is wrong use", async (...args) => {
  expect((await desk.terrane(home, args)).status).toBe(2);
});
