import { expect } from "vitest";
import { present } from "../../../src/base/assert.ts";
import type { FileProposal, Proposed } from "../../../src/ports/proposal.ts";
import type { RepositoryRef, VcsResult } from "../../../src/ports/vcs.ts";
import type { VcsRepository } from "../vcs-harness.ts";
import { failure, happened, nowhere, tip, type VcsRule, type VcsWorld, value } from "./rule.ts";

const FILES = [
  { path: ".github/workflows/terrane.yml", text: "name: é\n" },
  { path: ".terrane/config.yml", text: "enabled: true\n" },
];
const WISH: FileProposal = {
  branch: "terrane/setup",
  base: "main",
  title: "Set up",
  body: "What it does.",
  files: FILES,
};

interface Scene {
  readonly repo: VcsRepository;
  readonly propose: (change?: Partial<FileProposal>) => Promise<Proposed>;
}

function ask(
  { vcs }: VcsWorld,
  ref: RepositoryRef,
  change: Partial<FileProposal> = {},
): Promise<VcsResult<Proposed>> {
  const propose = present(vcs.proposeFiles, "this VCS takes no proposals");
  return propose.call(vcs, ref, { ...WISH, ...change });
}

async function scene(world: VcsWorld): Promise<Scene> {
  const repo = await world.harness.createRepository({ "a.tf": "a = 1\n" });
  const base = repo.defaultBranch;
  return { repo, propose: (change) => value(ask(world, repo.ref, { base, ...change })) };
}

function numberOf(proposed: Proposed): number {
  if (proposed.kind !== "open") throw new Error(proposed.kind);
  return proposed.number;
}

export const proposalRules: readonly VcsRule[] = [
  {
    name: "S25 files proposed twice are one pull request with one commit on a branch of its own",
    async check(world) {
      const { repo, propose } = await scene(world);
      const before = await tip(repo, repo.defaultBranch);
      const first = await propose();
      expect(first).toMatchObject({ kind: "open", opened: true });
      const head = await tip(repo, WISH.branch);
      expect(await propose()).toMatchObject({
        kind: "open",
        number: numberOf(first),
        opened: false,
      });
      expect(await tip(repo, WISH.branch)).toBe(head);
      expect(await tip(repo, repo.defaultBranch)).toBe(before);
      for (const { path, text } of FILES) expect(await repo.read(WISH.branch, path)).toBe(text);
      expect(await repo.read(WISH.branch, "a.tf")).toBe("a = 1\n");
      const view = await value(world.vcs.pullRequest(repo.ref, numberOf(first)));
      expect(view).toMatchObject({ title: "Set up", state: "open", baseRef: repo.defaultBranch });
      const opened = (await happened(world, repo)).filter(
        (one) => one.kind === "pull_request" && one.action === "opened",
      );
      expect(opened).toHaveLength(1);
    },
  },
  {
    name: "a proposal follows its base and its files as long as its branch holds nothing else",
    async check(world) {
      const { repo, propose } = await scene(world);
      const number = numberOf(await propose());
      await repo.push(repo.defaultBranch, { "b.tf": "b = 1\n" });
      const files = [{ path: ".terrane/config.yml", text: "enabled: false\n" }];
      expect(numberOf(await propose({ files }))).toBe(number);
      expect(await repo.read(WISH.branch, "b.tf")).toBe("b = 1\n");
      expect(await repo.read(WISH.branch, ".terrane/config.yml")).toBe("enabled: false\n");
      expect(await repo.read(WISH.branch, ".github/workflows/terrane.yml")).toBeUndefined();
    },
  },
  {
    name: "commits of somebody else on the branch of a proposal stay",
    async check(world) {
      const { repo, propose } = await scene(world);
      const number = numberOf(await propose());
      const theirs = await repo.push(WISH.branch, { ".terrane/config.yml": "enabled: false\n" });
      expect(numberOf(await propose())).toBe(number);
      expect(await tip(repo, WISH.branch)).toBe(theirs);
      const { id } = await repo.person("ada", "write");
      await repo.close(number, id);
      expect(await failure(ask(world, repo.ref, { base: repo.defaultBranch }))).toBe("rejected");
      expect(await tip(repo, WISH.branch)).toBe(theirs);
    },
  },
  {
    name: "what the base has already is not proposed, and nothing is left behind",
    async check(world) {
      const { repo, propose } = await scene(world);
      await repo.push(
        repo.defaultBranch,
        Object.fromEntries(FILES.map(({ path, text }) => [path, text])),
      );
      expect(await propose()).toEqual({ kind: "nothing_to_change" });
      expect(await repo.head(WISH.branch)).toBeUndefined();
    },
  },
  {
    name: "a proposal that was closed is opened anew, and one to a repository that does not exist is not found",
    async check(world) {
      const { repo, propose } = await scene(world);
      const first = numberOf(await propose());
      await repo.close(first, (await repo.person("ada", "write")).id);
      expect(numberOf(await propose())).not.toBe(first);
      expect(await failure(ask(world, nowhere(repo.ref)))).toBe("not_found");
    },
  },
];
