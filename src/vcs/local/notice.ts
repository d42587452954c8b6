import type { CommitSha } from "../../core/ids.ts";
import type { VcsHappening } from "../../core/vcs-event.ts";
import type {
  ForgeBranch,
  ForgeMergeIntent,
  ForgeObservation,
  ForgePullRequest,
  ForgeRepository,
} from "../../ports/forge-store.ts";
import { isAncestor } from "../git/diff.ts";
import { keepPullHead, listBranches } from "../git/ref.ts";
import type { BareRepository } from "../git/run.ts";
import { bare, type ForgeContext, forgeEvents } from "./context.ts";

/** How often a look starts over because another server wrote meanwhile. */
const LOOKS_MAX = 10;
const UNSETTLED_MAX = 10_000;

/**
 * Compares git with what was last seen, and stores the difference as what happened: branches
 * pushed, heads moved, pull requests merged. Looking twice finds nothing the second time. Pushes,
 * our own merges and merges that people push all come in this way, so a crash between git and the
 * database only makes it later.
 */
export async function noticePushes(
  context: ForgeContext,
  repository: ForgeRepository,
): Promise<boolean> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    // The version is read before git is: what is older than another server's look loses (S24).
    const before = await context.store.branches(repository.id);
    const live = await listBranches(bare(context, repository));
    const moved = difference(before.branches, live);
    if (moved.set.length === 0 && moved.gone.length === 0) return false;
    const seen = await follow(context, repository, { ...before, live, ...moved });
    if (await context.store.observe(seen)) return true;
  }
  context.log.warn(
    { repository: repository.fullName },
    "branches moved faster than they were read",
  );
  return false;
}

/** Takes the branches as they are for known, without calling them pushed: a repository begins. */
export async function acceptBranches(
  context: ForgeContext,
  repository: ForgeRepository,
): Promise<void> {
  const { version } = await context.store.branches(repository.id);
  await context.store.observe({
    repository: repository.id,
    version,
    set: await listBranches(bare(context, repository)),
    gone: [],
    heads: [],
    merged: [],
    events: [],
    at: context.now(),
  });
}

export function difference(
  before: readonly ForgeBranch[],
  live: readonly ForgeBranch[],
): { readonly set: readonly ForgeBranch[]; readonly gone: readonly string[] } {
  const known = new Map(before.map((branch) => [branch.name, branch.commit]));
  const there = new Set(live.map((branch) => branch.name));
  return {
    set: live.filter((branch) => known.get(branch.name) !== branch.commit),
    gone: before.map((branch) => branch.name).filter((name) => !there.has(name)),
  };
}

interface Look {
  readonly version: number;
  readonly branches: readonly ForgeBranch[];
  readonly live: readonly ForgeBranch[];
  readonly set: readonly ForgeBranch[];
  readonly gone: readonly string[];
}

/** What the moved branches mean for the pull requests. */
async function follow(
  context: ForgeContext,
  repository: ForgeRepository,
  look: Look,
): Promise<ForgeObservation> {
  const repo = bare(context, repository);
  const before = new Map(look.branches.map((branch) => [branch.name, branch.commit]));
  const live = new Map(look.live.map((branch) => [branch.name, branch.commit]));
  const pulls = await context.store.pullRequests(repository.id, {
    state: "unsettled",
    limit: UNSETTLED_MAX,
  });
  const intents = await context.store.mergeIntents(repository.id);
  const happened: VcsHappening[] = look.set.map((branch) => ({
    kind: "branch_pushed",
    branch: branch.name,
    after: branch.commit,
  }));
  const heads: { number: number; head: CommitSha }[] = [];
  const merged: ForgeObservation["merged"][number][] = [];
  for (const pull of pulls) {
    const base = { before: before.get(pull.baseRef), now: live.get(pull.baseRef) };
    const head = live.get(pull.headRef) ?? pull.headSha;
    const begun = intents.filter((intent) => intent.number === pull.number);
    const merge = await findMerge(repo, pull, head, base, begun);
    if (merge !== undefined) {
      merged.push({ number: pull.number, ...merge });
      happened.push({ kind: "pull_request", number: pull.number, action: "closed" });
    } else if (pull.status.state === "open" && head !== pull.headSha) {
      await keepPullHead(repo, pull.number, head);
      heads.push({ number: pull.number, head });
      happened.push({ kind: "pull_request", number: pull.number, action: "pushed" });
    }
  }
  const event = await forgeEvents(context, repository);
  return {
    repository: repository.id,
    version: look.version,
    set: look.set,
    gone: look.gone,
    heads,
    merged,
    events: happened.map(event),
    at: context.now(),
  };
}

type Merge = Omit<ForgeObservation["merged"][number], "number">;

/** Whether the move of the base branch was this pull request's merge, by us or by hand. */
async function findMerge(
  repo: BareRepository,
  pull: ForgePullRequest,
  head: CommitSha,
  base: { readonly before: CommitSha | undefined; readonly now: CommitSha | undefined },
  begun: readonly ForgeMergeIntent[],
): Promise<Merge | undefined> {
  if (base.now === undefined || base.now === base.before) return undefined;
  const done = await executedIntent(repo, begun, base.now);
  if (done !== undefined) return { head: done.head, commit: done.commit, by: done.by };
  if (pull.status.state !== "open" || !(await isAncestor(repo, head, base.now))) return undefined;
  // A head that the base held before was moved back, not merged.
  if (base.before !== undefined && (await isAncestor(repo, head, base.before))) return undefined;
  return { head, commit: base.now, by: undefined };
}

/** The merge among those begun that is on the branch. */
export async function executedIntent(
  repo: BareRepository,
  begun: readonly ForgeMergeIntent[],
  base: CommitSha,
): Promise<ForgeMergeIntent | undefined> {
  for (const intent of begun) {
    if (await isAncestor(repo, intent.commit, base)) return intent;
  }
  return undefined;
}
