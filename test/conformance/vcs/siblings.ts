import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { failure, nowhere, tip, type VcsRule, value } from "./rule.ts";

const NAMES = ["terrane", "terrateam"];
const FOLDER = "config";

/** Owners of their own: what lies beside a repository is shared with every other test of the owner. */
function newOwner(): string {
  return `own-${randomUUID().slice(0, 8)}`;
}

export const siblingRules: readonly VcsRule[] = [
  {
    name: "the first repository of the owner with a name and the folder is found at its head",
    async check({ harness, vcs }) {
      const owner = newOwner();
      const repo = await harness.createRepository({ "a.tf": "" }, { owner, name: "infra" });
      const find = () => value(vcs.sibling(repo.ref, NAMES, FOLDER));
      expect(await find()).toBeUndefined();

      const files = { "config/defaults.yml": "enabled: true\n" };
      const second = await harness.createRepository(files, { owner, name: "terrateam" });
      expect(await find()).toEqual({ ref: second.ref, commit: await tip(second, "main") });

      const first = await harness.createRepository({ "a.tf": "" }, { owner, name: "terrane" });
      expect(await find()).toMatchObject({ ref: second.ref });
      await first.push("main", { "config/x/y.yml": "" });
      expect(await find()).toEqual({ ref: first.ref, commit: await tip(first, "main") });
      const moved = await first.push("main", { "config/z.yml": "" });
      expect(await find()).toMatchObject({ commit: moved });
      // Only the default branch is looked at.
      await first.push("other", { "config/z.yml": "z" });
      expect(await find()).toMatchObject({ commit: moved });
    },
  },
  {
    name: "a repository of another owner is never found",
    async check({ harness, vcs }) {
      const owner = newOwner();
      const repo = await harness.createRepository({ "a.tf": "" }, { owner, name: "infra" });
      const files = { "config/overrides.yml": "" };
      await harness.createRepository(files, { owner: newOwner(), name: "terrane" });
      await harness.createRepository(files, { owner, name: "terrane-x" });
      expect(await value(vcs.sibling(repo.ref, NAMES, FOLDER))).toBeUndefined();
    },
  },
  {
    name: "a file with the name of the folder does not count",
    async check({ harness, vcs }) {
      const owner = newOwner();
      const repo = await harness.createRepository({ "a.tf": "" }, { owner, name: "infra" });
      await harness.createRepository({ config: "a file" }, { owner, name: "terrane" });
      expect(await value(vcs.sibling(repo.ref, NAMES, FOLDER))).toBeUndefined();
    },
  },
  {
    name: "beside a repository that does not exist nothing is found",
    async check({ harness, vcs }) {
      const { ref } = await harness.createRepository({ "a.tf": "" });
      expect(await failure(vcs.sibling(nowhere(ref), NAMES, FOLDER))).toBe("not_found");
    },
  },
];
