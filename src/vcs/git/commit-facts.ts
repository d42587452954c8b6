import type { CommitSha } from "../../core/ids.ts";
import { type CommitLine, listCommits } from "./log.ts";
import { mergeTrees, type TreeMerge } from "./merge.ts";
import type { BareRepository } from "./run.ts";

const FACTS_MAX = 1_000;

/** What git says about two commits is true for ever, and pages that follow a run ask for it every second. */
export interface CommitFacts {
  mergeable(repo: BareRepository, base: CommitSha, head: CommitSha): Promise<TreeMerge["kind"]>;
  /** As `listCommits`. */
  commits(
    repo: BareRepository,
    base: CommitSha,
    head: CommitSha,
    max: number,
  ): Promise<readonly CommitLine[]>;
}

export function createCommitFacts(): CommitFacts {
  const merges = remember<TreeMerge["kind"]>((kind) => kind !== "unknown");
  const lists = remember<readonly CommitLine[]>(() => true);
  return {
    mergeable: (repo, base, head) =>
      merges(`${base} ${head} ${repo.dir}`, async () => (await mergeTrees(repo, base, head)).kind),
    commits: (repo, base, head, max) =>
      lists(`${base} ${head} ${max} ${repo.dir}`, () => listCommits(repo, base, head, max)),
  };
}

/** Who asks while the answer is on its way gets the same one; an answer that is none is asked for again. */
function remember<T>(
  isFinal: (value: T) => boolean,
): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return async (key, ask) => {
    const found = known.get(key) ?? ask();
    known.delete(key);
    known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > FACTS_MAX && oldest !== undefined) known.delete(oldest);
    const forget = () => {
      if (known.get(key) === found) known.delete(key);
    };
    try {
      const value = await found;
      if (!isFinal(value)) forget();
      return value;
    } catch (error) {
      forget();
      throw error;
    }
  };
}
