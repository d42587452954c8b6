import { expect, test } from "vitest";
import { cliHost } from "../../../test/support/cli-host.ts";
import { type AffectedOptions, exitStatus, findAffected } from "./affected.ts";
import { affectedDot, affectedJson, printAffected } from "./print-affected.ts";

const CONFIG = `
dirs:
  app: {tags: [web], when_modified: {depends_on: "dir:net"}}
workflows:
  - tag_query: web
    plan: [{type: init}, {type: plan}]
`;
const FILES = {
  "config.yml": CONFIG,
  tree: "net/main.tf\napp/main.tf\ndb/main.tf\n",
  changed: "net/main.tf\n",
};
const LISTS = { repo: ".", config: "config.yml", tree: "tree", changed: "changed" };

async function affected(
  files: Record<string, string> = {},
  options: Partial<AffectedOptions> = {},
  input = "",
) {
  const host = cliHost({ ...FILES, ...files }, input);
  const answer = await findAffected(host, { ...LISTS, ...options });
  return { host, answer };
}

test("plain lists are enough, and the shape is the documented one", async () => {
  const { answer } = await affected();
  const common = {
    workspace: "default",
    stack: { name: "default", applyAfter: [], variables: {} },
    autoplan: true,
    autoplanDraft: true,
    autoapply: false,
    engine: "terraform",
    environment: null,
    lockPolicy: "strict",
    lockBranchTarget: "all",
    createAndSelectWorkspace: true,
  };
  expect(exitStatus(answer)).toBe(0);
  expect(affectedJson(answer)).toEqual({
    dirspaces: [
      {
        ...common,
        dir: "net",
        wave: 0,
        tags: expect.arrayContaining(["dir:net", "workspace:default"]),
        workflow: null,
        because: [
          {
            kind: "file",
            path: "net/main.tf",
            pattern: "${DIR}/*.tf",
            text: "`net/main.tf` matches `${DIR}/*.tf`",
          },
        ],
        predecessors: [],
      },
      {
        ...common,
        dir: "app",
        wave: 1,
        tags: expect.arrayContaining(["dir:app", "web", "workspace:default"]),
        workflow: 0,
        because: [
          {
            kind: "predecessor",
            dirspace: { dir: "net", workspace: "default" },
            text: "it comes after `net:default`, which changes",
          },
        ],
        predecessors: [{ dir: "net", workspace: "default" }],
      },
    ],
    diagnostics: [],
  });
});

test("people see waves, reasons, own tags and what runs", async () => {
  const { host, answer } = await affected();
  printAffected(host, answer);
  const text = host.printed.join("\n");
  expect(text).toContain("Wave 0\n  net:default\n    because  `net/main.tf` matches `${DIR}/*.tf`");
  expect(text).toContain("Wave 1\n  app:default\n");
  expect(text).toContain("    after    net:default\n");
  expect(text).toContain("    runs     init, plan; init, apply (terraform, workflows[0])");
  expect(host.printed.at(-1)).toBe("2 dirspaces in 2 waves.");
});

test("the graph has an arrow from what comes first, and names cannot break out of it", async () => {
  const config = `dirs: {'a"b': {when_modified: {depends_on: 'dir:net'}}}`;
  const { answer } = await affected({ "config.yml": config, tree: 'net/main.tf\na"b/main.tf\n' });
  const dot = affectedDot(answer);
  expect(dot).toContain('  "net:default" -> "a\\"b:default";');
  expect(dot.startsWith("digraph affected {")).toBe(true);
});

test.each([
  ["nothing changes", { changed: "" }, []],
  ["a path that is not in the tree still changes", { changed: "db/new.tf" }, ["db"]],
  ["of a move both names count", { changed: "R db/a.tf\tnet/b.tf" }, ["db", "net", "app"]],
  ["a deleted file counts while others are there", { changed: "D db/old.tf" }, ["db"]],
  ["enabled: false answers with nothing", { "config.yml": "enabled: false" }, []],
])("%s", async (_, files, dirs) => {
  const { answer } = await affected(files);
  expect(answer.dirspaces.map(({ dirspace }) => dirspace.dir)).toEqual(dirs);
});

test("a switched off repository says so", async () => {
  const { answer } = await affected({ "config.yml": "enabled: false" });
  expect(answer.diagnostics).toMatchObject([{ severity: "warning", code: "disabled", line: 1 }]);
  expect(exitStatus(answer)).toBe(0);
});

test("a deleted directory is a warning, and 0", async () => {
  const { answer } = await affected({ changed: "D gone/main.tf" });
  expect(answer.diagnostics).toMatchObject([{ severity: "warning", code: "deleted_directory" }]);
  expect(exitStatus(answer)).toBe(0);
});

test.each([
  ["a broken file", "dirs: 1", "wrong_type"],
  [
    "a cycle",
    "dirs: {net: {when_modified: {depends_on: 'dir:db'}}, db: {when_modified: {depends_on: 'dir:net'}}}",
    "depends_on_cycle",
  ],
])("%s gives no dirspaces, the finding, and 1", async (_, config, code) => {
  const { answer } = await affected({ "config.yml": config });
  expect(answer.dirspaces).toEqual([]);
  expect(answer.diagnostics).toMatchObject([{ severity: "error", code, file: "config.yml" }]);
  expect(exitStatus(answer)).toBe(1);
});

test("directories that are not told apart stop the change that touches them, and --why says so", async () => {
  const tree = "Envs/prod/x.tf\nenvs/prod/x.tf\nnet/main.tf\n";
  const stopped = await affected(
    { tree, "config.yml": "", changed: "A Envs/prod/x.tf" },
    { why: "envs/prod" },
  );
  expect(stopped.answer.dirspaces).toEqual([]);
  expect(stopped.answer.diagnostics.at(-1)).toMatchObject({
    severity: "error",
    code: "same_directory",
    file: "",
    path: "",
  });
  expect(exitStatus(stopped.answer)).toBe(1);
  printAffected(stopped.host, stopped.answer);
  expect(stopped.host.printed.join("\n")).toContain("so nothing of it is planned or applied");
  const other = await affected({ tree, "config.yml": "", changed: "net/main.tf" });
  expect(other.answer.dirspaces.map(({ dirspace }) => dirspace.dir)).toEqual(["net"]);
  expect(other.answer.diagnostics).toMatchObject([{ severity: "warning", file: "" }]);
  expect(exitStatus(other.answer)).toBe(0);
});

test("where there is an error nobody is told that nothing is affected", async () => {
  const tree = "A/x.tf\na/x.tf\n";
  const { host, answer } = await affected({ tree, "config.yml": "", changed: "a/x.tf" });
  printAffected(host, answer);
  expect(host.printed.join("\n")).not.toContain("Nothing is affected");
});

test("branches give their tags, and a destination that is not worked on is a warning", async () => {
  const config = "tags: {dest_branch: {live: '^main$'}}\ndestination_branches: [main]";
  const { answer } = await affected({ "config.yml": config }, { destBranch: "main" });
  expect(answer.dirspaces[0]?.tags).toContain("dest_branch:live");
  expect(answer.diagnostics).toEqual([]);
  const other = await affected({ "config.yml": config }, { destBranch: "dev", branch: "x" });
  expect(other.answer.diagnostics).toMatchObject([{ code: "destination_branch", line: 2 }]);
});

test("--why says why, for people and as JSON", async () => {
  const { host, answer } = await affected({}, { why: "db" });
  printAffected(host, answer);
  expect(host.printed[0]).toBe("Not affected.");
  expect(affectedJson(answer)).toMatchObject({
    why: { affected: false, reasons: [{ kind: "unmatched", changed: 1 }] },
  });
});

test("one list can be standard input", async () => {
  const { answer } = await affected({}, { changed: "-" }, "db/main.tf\r\n");
  expect(answer.dirspaces.map(({ dirspace }) => dirspace.dir)).toEqual(["db"]);
});

test.each([
  ["both lists from standard input", { tree: "-", changed: "-" }, "Standard input is one list."],
  ["a list and a range", { diff: "a..b" }, "--changed and --diff both say what changes."],
  ["no checkout and no list of changes", { changed: undefined }, "This is no git checkout"],
  ["no checkout and no list of files", { tree: undefined }, "This is no git checkout"],
  ["a range without a checkout", { changed: undefined, diff: "a..b" }, "This is no git checkout"],
  ["a list that is missing", { changed: "none" }, "There is no file none."],
  ["a configuration that is missing", { config: "none" }, "There is no file none."],
  ["an index that is none", { index: "config.yml" }, "config.yml is no index of a repository"],
])("%s is wrong use", async (_, options, message) => {
  const given = Object.fromEntries(
    Object.entries({ ...LISTS, ...options }).filter(([, value]) => value !== undefined),
  );
  await expect(
    findAffected(cliHost(FILES), given as unknown as AffectedOptions),
  ).rejects.toMatchObject({
    message: expect.stringContaining(message),
    status: 2,
  });
});

test("an index that cannot be had is a warning", async () => {
  const { answer } = await affected({ "config.yml": "indexer: {enabled: true}" });
  expect(answer.diagnostics.map(({ code }) => code)).toContain("no_index");
});
