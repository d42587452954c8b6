import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { BRANCHES, configOf, modified, ok } from "../../test/support/change.ts";
import * as layouts from "../../test/support/layouts.ts";
import { repositoryIndex } from "../contract/repository-index.ts";
import { becauseText } from "../core/change/because-text.ts";
import { changeSet } from "../core/change/change-set.ts";
import { memoryCache } from "./cache.ts";
import { fileCache, userCacheDirectory } from "./file-cache.ts";
import { indexCheckout } from "./index-checkout.ts";
import { openParser } from "./parser.ts";

/** One for all tests: starting it takes longer than all of them. */
const parser = openParser();
afterAll(() => parser.close());

function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "terrane-index-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Which directories a change touches, each with the first reason, or none of its own. */
async function affected(root: string, layout: layouts.Layout, ...changed: readonly string[]) {
  const { index } = await indexCheckout({ root, parser, cache: memoryCache() });
  const tree = { files: Object.keys(layout), index };
  const config = configOf(layout[".terrane/config.yml"] ?? "");
  const set = ok(changeSet(config, tree, modified(changed), BRANCHES));
  return set.map(({ dirspace: { dir, workspace }, because }) => {
    const [first] = because;
    const name = workspace === "default" ? dir : `${dir}:${workspace}`;
    return `${name}: ${first === undefined ? "" : becauseText(first)}`;
  });
}

test("environments as directories: a module touches every environment that calls it", async () => {
  const root = emptyDirectory();
  const layout = layouts.environmentsAsDirectories(root);
  const why = "it calls the module `modules/service`, and `modules/service/main.tf` changes";
  expect(await affected(root, layout, "modules/service/main.tf")).toEqual([
    `envs/production/service: ${why}`,
    `envs/staging/service: ${why}`,
  ]);
});

test("workspaces: a module touches all of them, a file of values one", async () => {
  const root = emptyDirectory();
  const layout = layouts.workspaces(root);
  const why = "it calls the module `modules/dns`, and `modules/dns/main.tf` changes";
  expect(await affected(root, layout, "modules/dns/main.tf")).toEqual([
    `app:dev: ${why}`,
    `app:production: ${why}`,
    `app:staging: ${why}`,
  ]);
  expect(await affected(root, layout, "app/staging.tfvars")).toEqual([
    "app:staging: `app/staging.tfvars` matches `${DIR}/${WORKSPACE}.tfvars`",
  ]);
});

test("terragrunt: included files touch their units, modules those that run them", async () => {
  const root = emptyDirectory();
  const layout = layouts.terragrunt(root);
  const dirs = async (path: string) =>
    (await affected(root, layout, path)).map((line) => line.slice(0, line.indexOf(":"))).toSorted();
  const dev = ["live/dev/app", "live/dev/database", "live/dev/vpc"];
  const prod = ["live/prod/app", "live/prod/database", "live/prod/vpc"];
  expect(await dirs("live/root.hcl")).toEqual([...dev, ...prod]);
  expect(await dirs("live/dev/stage.hcl")).toEqual(dev);
  expect(await affected(root, layout, "modules/dns/main.tf")).toEqual([
    "live/dev/app: it calls the module `modules/dns` through `modules/app`, and `modules/dns/main.tf` changes",
    "live/prod/app: it calls the module `modules/dns` through `modules/app`, and `modules/dns/main.tf` changes",
  ]);
});

test("runner defect 21: modules three levels up: callers of callers, and the files that modules read", async () => {
  const root = emptyDirectory();
  const layout = layouts.modulesThreeUp(root);
  expect(await affected(root, layout, "modules/base/main.tf")).toEqual([
    "teams/payments/prod/cluster: it calls the module `modules/base` through `modules/cluster` through `modules/network`, and `modules/base/main.tf` changes",
    "teams/payments/prod/network: it calls the module `modules/base` through `modules/network`, and `modules/base/main.tf` changes",
    "teams/search/prod/cluster: it calls the module `modules/base` through `modules/cluster` through `modules/network`, and `modules/base/main.tf` changes",
  ]);
  const start = "modules/cluster/templates/start.sh.tftpl";
  const why = `it calls the module \`modules/cluster\`, where \`modules/cluster/main.tf\` reads \`${start}\``;
  expect(await affected(root, layout, start)).toEqual([
    `teams/payments/prod/cluster: ${why}`,
    `teams/search/prod/cluster: ${why}`,
  ]);
  // Nobody calls it, so nobody knows that it is a module.
  expect(await affected(root, layout, "modules/unused/main.tf")).toEqual([
    "modules/unused: `modules/unused/main.tf` matches `${DIR}/*.tf`",
  ]);
});

test("shared code: a change touches every root that links to it, and no other", async () => {
  const root = emptyDirectory();
  const layout = layouts.symlinkedShared(root);
  const rule = "matches `${DIR}/*.tf`";
  expect(await affected(root, layout, "shared/backend.tf")).toEqual([
    `roots/a: \`roots/a/backend.tf\` ${rule}`,
    `roots/b: \`roots/b/backend.tf\` ${rule}`,
  ]);
  expect(await affected(root, layout, "shared/monitoring/main.tf")).toEqual([
    "roots/a: it calls the module `shared/monitoring`, and `shared/monitoring/main.tf` changes",
  ]);
  expect(await affected(root, layout, "shared-extra/main.tf")).toEqual([
    `shared-extra: \`shared-extra/main.tf\` ${rule}`,
  ]);
});

test.each(Object.entries(layouts))(
  "%s: what is known by its content is not read again",
  async (_name, make) => {
    const root = emptyDirectory();
    make(root);
    const cache = memoryCache();
    const cold = await indexCheckout({ root, parser, cache });
    const warm = await indexCheckout({ root, parser, cache });
    expect(warm.index).toEqual(cold.index);
    expect(repositoryIndex.parse(JSON.parse(JSON.stringify(cold.index)))).toEqual(cold.index);
    expect(warm.statistics).toEqual({
      files: cold.statistics.files,
      fromCache: cold.statistics.files,
      read: 0,
      parsed: 0,
    });
  },
);

test("what is changed and not committed counts, as does what git does not know yet", async () => {
  const root = emptyDirectory();
  layouts.modulesThreeUp(root);
  const cache = memoryCache();
  await indexCheckout({ root, parser, cache });
  writeFileSync(
    join(root, "teams/payments/prod/queue/main.tf"),
    'module "x" {\n  source = "../new"\n}\n',
  );
  mkdirSync(join(root, "teams/payments/prod/new"));
  writeFileSync(
    join(root, "teams/payments/prod/new/main.tf"),
    'module "y" {\n  source = "./z"\n}\n',
  );
  const { index } = await indexCheckout({ root, parser, cache });
  const of = (dir: string) => index.directories.find((one) => one.dir === dir)?.references;
  expect(of("teams/payments/prod/queue")).toEqual([
    { kind: "module", dir: "teams/payments/prod/new" },
  ]);
  expect(of("teams/payments/prod/new")).toEqual([
    { kind: "module", dir: "teams/payments/prod/new/z" },
  ]);
});

test("without git the same is found by looking", async () => {
  for (const make of [layouts.symlinkedShared, layouts.terragrunt]) {
    const root = emptyDirectory();
    make(root);
    const byGit = await indexCheckout({ root, parser, cache: memoryCache() });
    rmSync(join(root, ".git"), { recursive: true });
    const walked = await indexCheckout({ root, parser, cache: memoryCache() });
    expect(walked.index).toEqual(byGit.index);
  }
});

test("nothing leads out of the repository, and no file of another kind is opened", async () => {
  const root = emptyDirectory();
  const outside = emptyDirectory();
  writeFileSync(join(outside, "main.tf"), 'module "secret" {\n  source = "./secret"\n}\n');
  symlinkSync(join(outside, "main.tf"), join(root, "a.tf"));
  symlinkSync(outside, join(root, "dir"));
  mkdirSync(join(root, "b"));
  symlinkSync("../../../../../../../etc", join(root, "b/etc"));
  writeFileSync(
    join(root, "b/main.tf"),
    'module "up" {\n  source = "../../up"\n}\nlocals {\n  x = file("${path.module}/../../../etc/passwd")\n  y = file("a\\\\b")\n  z = file("${path.module}/\\u0000")\n}\n',
  );
  execFileSync("mkfifo", [join(root, "b/pipe.tf")]);
  const { index } = await indexCheckout({ root, parser, cache: memoryCache() });
  expect(index).toEqual({ directories: [], symlinks: [], problems: [] });
});

test("a broken file is named, and the rest is read", async () => {
  const root = emptyDirectory();
  writeFileSync(join(root, "bad.tf"), 'module "x" {\n');
  writeFileSync(join(root, "good.tf"), 'module "x" {\n  source = "./m"\n}\n');
  const { index } = await indexCheckout({ root, parser, cache: memoryCache() });
  expect(index.problems).toEqual([
    { path: "bad.tf", message: expect.stringContaining("Unclosed configuration block") },
  ]);
  expect(index.directories).toEqual([{ dir: ".", references: [{ kind: "module", dir: "m" }] }]);
});

test("configurations that include each other end", async () => {
  const root = emptyDirectory();
  for (const [name, other] of [
    ["a", "b"],
    ["b", "a"],
  ]) {
    writeFileSync(join(root, `${name}.hcl`), `include {\n  path = "./${other}.hcl"\n}\n`);
  }
  mkdirSync(join(root, "unit"));
  writeFileSync(join(root, "unit/terragrunt.hcl"), 'include {\n  path = "../a.hcl"\n}\n');
  const { index } = await indexCheckout({ root, parser, cache: memoryCache() });
  expect(index.directories.map(({ references }) => references.length)).toEqual([2]);
});

test("entries on disk survive, and what is broken counts as not there", async () => {
  const root = emptyDirectory();
  const directory = join(root, "cache");
  const checkout = join(root, "checkout");
  layouts.terragrunt(checkout);
  const run = async () =>
    indexCheckout({ root: checkout, parser, cache: await fileCache(directory) });
  const cold = await run();
  const warm = await run();
  expect(warm.statistics.parsed).toBe(0);
  expect(warm.index).toEqual(cold.index);
  const path = join(directory, "references.json");
  const text = readFileSync(path, "utf8");
  for (const broken of [
    "",
    "{",
    "[]",
    "null",
    text.slice(0, -5),
    text.replaceAll("file", "fire"),
  ]) {
    writeFileSync(path, broken);
    expect((await run()).index).toEqual(cold.index);
  }
});

test("the cache of a user is where the desktop keeps caches", () => {
  expect(userCacheDirectory({ XDG_CACHE_HOME: "/c" })).toBe("/c/terrane/index");
  expect(userCacheDirectory({ XDG_CACHE_HOME: "relative" })).toMatch(/\/\.cache\/terrane\/index$/);
  expect(userCacheDirectory({})).toMatch(/\/\.cache\/terrane\/index$/);
});
