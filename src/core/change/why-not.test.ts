import { expect, test } from "vitest";
import { completeConfig } from "../config/complete.ts";
import { parseConfig } from "../config/parse.ts";
import { parseChangeList } from "./change-list.ts";
import { changeSetOf, prepareRepository } from "./change-set.ts";
import type { RepositoryIndex } from "./repository-index.ts";
import { twinsIn } from "./twins.ts";
import type { Why } from "./why.ts";
import { explainTarget } from "./why-not.ts";
import { whyText } from "./why-text.ts";

const CONFIG = `
when_modified:
  file_patterns: ["**/*.tf", "!**/test.tf"]
dirs:
  "apps/**": {tags: [app]}
  "apps/web": {tags: [web], when_modified: {autoplan: false}}
  "apps/*/db": {tags: [db]}
  "legacy/**": {when_modified: {file_patterns: []}}
  "docs/*": {}
  stages:
    when_modified: {file_patterns: ["\${DIR}/\${WORKSPACE}.tfvars"]}
    workspaces: {dev: {}, prod: {}, off: {when_modified: {file_patterns: []}}}
  last: {when_modified: {depends_on: {tag_query: "dir:apps/web", prune_on_no_change: true}}}
  later: {when_modified: {depends_on: "dir:net"}}
  after: {when_modified: {depends_on: {tag_query: "dir:last", prune_on_no_change: true}}}
`;
const TREE = [
  "apps/web/main.tf",
  "apps/web/test.tf",
  "apps/web/modules/x/readme.md",
  "apps/api/db/main.tf",
  "legacy/old/main.tf",
  "docs/guide/readme.md",
  "stages/main.tf",
  "net/main.tf",
  "last/main.tf",
  "later/main.tf",
  "after/main.tf",
  "plain/readme.md",
  "modules/dns/readme.md",
  "main.tf",
  "odd\\name/main.tf",
];

function why(
  target: string,
  changes: string,
  config = CONFIG,
  index?: RepositoryIndex,
  files = TREE,
): Why {
  const parsed = parseConfig(config, "config.yml");
  const list = parseChangeList(changes);
  if (parsed.raw === undefined || list.kind === "error") throw new Error("broken test");
  const branches = { branch: "change", destBranch: "main" };
  const tree = { files, ...(index === undefined ? {} : { index }) };
  const prepared = prepareRepository(completeConfig(parsed.raw), tree, branches);
  if (prepared.kind === "error") throw new Error("broken test");
  const set = changeSetOf(prepared, list.entries);
  const affected = set.kind === "ok" ? set.dirspaces : [];
  const stoppedBy = twinsIn(set.diagnostics);
  return explainTarget({ prepared, changes: list.entries, affected, stoppedBy }, target);
}

const text = (found: Why): string => found.reasons.map(whyText).join("\n");

test.each([
  ["net", "net/main.tf", "`net:default` is affected: `net/main.tf` matches `${DIR}/*.tf`."],
  ["net:default", "net/main.tf", "`net:default` is affected"],
  ["./net/", "net/main.tf", "`net:default` is affected"],
  [".", "main.tf", "`.:default` is affected"],
  ["apps/web", "apps/web/main.tf", "has `autoplan: false`"],
  [
    "apps/web",
    "apps/web/main.tf",
    "`apps/web` of `dirs` configures `apps/web` and not `apps/**`: a key without wildcards counts.",
  ],
  ["later", "net/main.tf", "it comes after `net:default`, which changes"],
  ["net/main.tf", "net/main.tf", "`net/main.tf` belongs to `net:default`."],
])("%j is affected by %j: %s", (target, changes, expected) => {
  const found = why(target, changes);
  expect(found.affected).toBe(true);
  expect(text(found)).toContain(expected);
});

test.each([
  [
    "nothing of that name",
    "nett",
    "net/main.tf",
    "There is no file and no directory `nett` in the tree or in the change. Similar: `net`.",
  ],
  ["a name that is elsewhere", "web", "", "Similar: `apps/web`."],
  ["no change at all", "net", "", "Nothing changes, so `net:default` does not either."],
  [
    "other files change",
    "net",
    "main.tf",
    "None of 1 changed path matches the patterns of `net:default`: `${DIR}/*.tf`, `!${DIR}/test.tf`.",
  ],
  [
    "a file beside is of another kind",
    "net",
    "net/x.json",
    "`net/x.json` changes and matches no pattern of `net:default`; `${DIR}/*.json` would match it.",
  ],
  ["a file lies deeper", "net", "net/a/b/x.tf", "`${DIR}/**/*.tf` would match it."],
  [
    "a negative pattern takes it out",
    "apps/web",
    "apps/web/test.tf",
    "`apps/web/test.tf` matches `${DIR}/*.tf`, and `!${DIR}/test.tf` takes it out again.",
  ],
  [
    "a longer glob counts",
    "apps/api/db",
    "",
    "The key `apps/*/db` of `dirs` configures `apps/api/db` and not `apps/**`: the longest glob counts.",
  ],
  [
    "an empty list of patterns",
    "legacy/old",
    "legacy/old/main.tf",
    "`dirs.legacy/**.when_modified.file_patterns` is empty, so `legacy/old` is no dirspace",
  ],
  [
    "an empty list of one workspace",
    "stages:off",
    "stages/off.tfvars",
    "`dirs.stages.workspaces.off.when_modified.file_patterns` is empty",
  ],
  [
    "a workspace that is not there",
    "stages:qa",
    "stages/qa.tfvars",
    "`stages` has no workspace `qa`, only `dev`, `prod`, `off`.",
  ],
  [
    "a workspace of a plain directory",
    "net:prod",
    "net/main.tf",
    "`net` has no workspace `prod`, only `default`.",
  ],
  [
    "the other workspace changes",
    "stages:dev",
    "stages/prod.tfvars",
    "`stages/prod.tfvars` belongs to `stages:prod`.",
  ],
  [
    "a glob without a matching file",
    "docs/guide",
    "docs/guide/readme.md",
    "The key `docs/*` takes `docs/guide` by its name, but no file of the tree matches its patterns",
  ],
  [
    "no key and no matching file",
    "plain",
    "plain/readme.md",
    "No key of `dirs` takes `plain`, and none of its files matches the global patterns `**/*.tf`, `!**/test.tf`.",
  ],
  ["directories only", "modules", "", "`modules` holds directories and no files"],
  [
    "a name that is unusable",
    "odd\\name",
    "",
    "left out because of its name: a directory cannot hold control characters, backslashes",
  ],
  [
    "what it depends on does not change",
    "later",
    "main.tf",
    "It depends on `dir:net` (1 dirspace), and none of these is affected.",
  ],
  [
    "pruned",
    "last",
    "apps/web/main.tf",
    "It comes after `apps/web:default`, which changes, but `prune_on_no_change` leaves it out",
  ],
  [
    "pruned behind a pruned one",
    "after",
    "apps/web/main.tf",
    "It comes after `apps/web:default`, which changes",
  ],
  [
    "its directory is deleted",
    "gone",
    "D gone/main.tf",
    "The change takes the last file of `gone:default`",
  ],
  [
    "a file that does not change",
    "net/main.tf",
    "",
    "`net/main.tf` is not part of the change.\n`net/main.tf` belongs to `net:default`.",
  ],
  [
    "a file of no dirspace",
    "plain/readme.md",
    "plain/readme.md",
    "No dirspace has a pattern that matches `plain/readme.md`.\nNo key of `dirs` takes `plain`",
  ],
  ["a file that is taken out", "apps/web/test.tf", "apps/web/test.tf", "takes it out again"],
  ["a file beside others", "net/x.json", "net/x.json", "`${DIR}/*.json` would match it"],
])("%s", (_, target, changes, expected) => {
  const found = why(target, changes);
  expect(found.affected).toBe(false);
  expect(text(found)).toContain(expected);
});

test("a repository that is switched off says so for everything", () => {
  expect(why("net", "net/main.tf", "enabled: false").reasons).toEqual([{ kind: "disabled" }]);
});

test("an empty global list is named", () => {
  const found = why("net", "net/main.tf", "when_modified: {file_patterns: []}");
  expect(text(found)).toContain("`when_modified.file_patterns` is empty");
});

test("a module is planned with its callers", () => {
  const references = [{ kind: "module" as const, dir: "modules/dns" }];
  const index = { directories: [{ dir: "net", references }], symlinks: [], problems: [] };
  const found = why("modules/dns", "", `indexer: {enabled: true}${CONFIG}`, index);
  expect(text(found)).toBe("`modules/dns` is a module: it is planned with what calls it, `net`.");
});

const TWINS = ["Envs/prod/x.tf", "envs/prod/x.tf", "net/x.tf"];
const SAME =
  '"Envs/prod" and "envs/prod" are the same directory where upper and lower case, or the ways to write an accent, are not told apart. ';
const STOPS = `${SAME}The change touches them, so nothing of it is planned or applied before all but one of them are renamed.`;

test.each([
  ["the one that was there", "envs/prod", "A Envs/prod/x.tf", STOPS],
  ["the new one", "Envs/prod", "A Envs/prod/x.tf", STOPS],
  ["its workspace", "envs/prod:default", "A Envs/prod/x.tf", STOPS],
  ["its file", "envs/prod/x.tf", "A Envs/prod/x.tf", STOPS],
  ["what is touched as well", "net", "A Envs/prod/x.tf\nnet/x.tf", STOPS],
  ["one that is not touched", "envs/prod", "net/x.tf", `${SAME}A change of them is not planned`],
  ["no such place", "nett", "A Envs/prod/x.tf", "There is no file and no directory `nett`"],
])("directories that are not told apart: %s", (_rule, target, changes, expected) => {
  const found = why(target, changes, "", undefined, TWINS);
  expect(found.affected).toBe(false);
  expect(text(found)).toContain(expected);
});

test("what is asked about comes before the other directories that are not told apart", () => {
  const files = [...TWINS, "A/x.tf", "a/x.tf"];
  const found = why("a", "a/x.tf\nenvs/prod/x.tf", "", undefined, files);
  expect(found.reasons).toMatchObject([
    { directories: ["A", "a"] },
    { directories: ["Envs/prod", "envs/prod"] },
  ]);
});
