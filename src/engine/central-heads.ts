import { CENTRAL_FOLDER, CENTRAL_NAMES } from "../core/config/central.ts";
import type { Central } from "../core/fact.ts";
import type { CommitSha } from "../core/ids.ts";
import type { Judging, RepositoryRef, Sibling, VcsResult } from "../ports/vcs.ts";

/** An owner has one central repository and many events: asked for each, it would be half of all calls. */
const KNOWN_MS = 60_000;
/** What was asked because of a doubt is doubted again after this: one push is told to all pull requests of the owner at once. */
const DOUBTED_MS = 2_000;
/** Owners remembered at once; without room all are asked again. */
const OWNERS_MAX = 1_000;

/**
 * Finds the central repository beside a repository, and remembers it for a minute. `expected`: commits that somebody saw
 * there. Where none of them is remembered, it is not what others decide from already, and it is asked anew.
 */
export interface CentralHeads {
  find(
    vcs: Judging,
    repo: RepositoryRef,
    expected?: readonly CommitSha[],
  ): Promise<VcsResult<Central | undefined>>;
}

interface Known {
  readonly at: number;
  /** Because what was known before was doubted. */
  readonly again: boolean;
  readonly found: Promise<VcsResult<Sibling | undefined>>;
}

/** `now` in milliseconds, of any clock that does not stand still. */
export function createCentralHeads(now: () => number): CentralHeads {
  const owners = new Map<string, Known>();

  async function sibling(
    vcs: Judging,
    repo: RepositoryRef,
    owner: string,
    expected: readonly CommitSha[],
  ): Promise<VcsResult<Sibling | undefined>> {
    const key = JSON.stringify([vcs.kind, repo.installation, owner]);
    const known = owners.get(key);
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.at;
    if (known === undefined || age < 0 || age >= KNOWN_MS) return ask(vcs, repo, key, false);
    const got = await known.found;
    const isDoubted =
      expected.length > 0 &&
      got.kind === "ok" &&
      !expected.some((commit) => commit === got.value?.commit);
    if (!isDoubted || (known.again && age < DOUBTED_MS)) return got;
    // Whoever doubted it at the same time has asked already: what they find out is looked at.
    return owners.get(key) === known
      ? ask(vcs, repo, key, true)
      : sibling(vcs, repo, owner, expected);
  }

  async function ask(
    vcs: Judging,
    repo: RepositoryRef,
    key: string,
    again: boolean,
  ): Promise<VcsResult<Sibling | undefined>> {
    if (owners.size >= OWNERS_MAX) owners.clear();
    const found = vcs.sibling(repo, CENTRAL_NAMES, CENTRAL_FOLDER);
    const asked: Known = { at: now(), found, again };
    owners.set(key, asked);
    const forget = (): void => {
      if (owners.get(key) === asked) owners.delete(key);
    };
    try {
      const answer = await found;
      // What went wrong is no answer: the next one asks again.
      if (answer.kind !== "ok") forget();
      return answer;
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    async find(vcs, repo, expected = []) {
      const slash = repo.fullName.lastIndexOf("/");
      const found = await sibling(vcs, repo, repo.fullName.slice(0, Math.max(slash, 0)), expected);
      if (found.kind !== "ok") return found;
      if (found.value === undefined) return { kind: "ok", value: undefined };
      const { ref, commit } = found.value;
      const { id, fullName } = ref;
      return { kind: "ok", value: { id, fullName, commit, name: repo.fullName.slice(slash + 1) } };
    },
  };
}
