import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BRANCHES, configOf, dirsOf, modified } from "../../../test/support/change.ts";
import * as layouts from "../../../test/support/layouts.ts";
import { changeSet } from "../../core/change/change-set.ts";
import { discover } from "../../core/starter/discover.ts";
import { starterConfig } from "../../core/starter/starter-config.ts";
import { memoryCache } from "../../hcl/cache.ts";
import { indexCheckout } from "../../hcl/index-checkout.ts";

/** Links are for whoever has a checkout, and the files of this one are mostly links. */
const { symlinkedShared: _, ...plain } = layouts;

test.each(Object.entries(plain))(
  "%s: the configuration that is made finds what it names, with the index that a job makes",
  async (_name, make) => {
    const root = mkdtempSync(join(tmpdir(), "terrane-starter-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const paths = Object.keys(make(root)).filter((path) => !path.startsWith(".terrane/"));
    const texts = new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
    const found = discover(paths, texts);
    expect(found.roots.length).toBeGreaterThan(0);
    const { index } = await indexCheckout({ root, cache: memoryCache() });
    const config = configOf(starterConfig(found));
    const set = changeSet(config, { files: paths, index }, modified(paths), BRANCHES);
    expect([...new Set(dirsOf(set))]).toEqual(found.roots.map(({ dir }) => dir));
  },
);
