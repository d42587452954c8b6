import type { AccountId, CommitSha } from "../../core/ids.ts";
import type { Permission } from "../../core/pull-request.ts";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type {
  ForgeAccount,
  ForgeCheck,
  ForgeIssue,
  ForgePullRequest,
  ForgeRepository,
} from "../../ports/forge-store.ts";
import type { MergeRequest, Vcs, VcsResult } from "../../ports/vcs.ts";
import { createCommitFacts } from "../git/commit-facts.ts";
import type { DiffText } from "../git/diff.ts";
import { checkGit } from "../git/repository.ts";
import { answer, type ForgeContext, findRepository, ok, rejected } from "./context.ts";
import { listIssues, setIssueState } from "./issues.ts";
import { refuseLogin, refuseTeam } from "./names.ts";
import { noticePushes } from "./notice.ts";
import * as pulls from "./pull-requests.ts";
import { createPump } from "./pump.ts";
import { type LocalPullRequest, listPulls, readDiff, readPull } from "./read.ts";
import { type CreateRepository, createRepository } from "./repositories.ts";
import { createLocalVcs } from "./vcs.ts";
import { WATCH_TIMES, type WatchTimes, watchPushes } from "./watch.ts";

export interface LocalForgeOptions extends Omit<ForgeContext, "facts"> {
  /** New repositories are made here. */
  readonly reposDir: string;
  /** Takes an event; the same delivery id may come again. A rejection means: bring it again later. */
  readonly onEvent: (event: VcsEvent) => Promise<void>;
  readonly times?: WatchTimes;
}

/**
 * Pull requests on bare git repositories of this machine. People push with ordinary git to the
 * directory; everything else they do here. Each method that takes `by` checks that person's
 * permission; who the caller is, is the business of whoever calls.
 */
export interface LocalForge {
  readonly vcs: Vcs;

  createRepository(wanted: CreateRepository): Promise<VcsResult<ForgeRepository>>;
  repositories(): Promise<readonly ForgeRepository[]>;
  /** By id or by name. */
  repository(idOrName: string): Promise<ForgeRepository | undefined>;

  /**
   * The account of this login, made with `permission` if there is none. Local mode trusts whoever
   * holds the server's token to say who they are: people appear by being named, with the right to
   * write; the owner of the first run is made with `admin`.
   */
  ensureAccount(login: string, permission?: Permission): Promise<VcsResult<ForgeAccount>>;
  account(id: AccountId): Promise<ForgeAccount | undefined>;
  /** By name, with the permission that each has in this repository. */
  people(repository: string, max: number): Promise<readonly ForgeAccount[]>;
  setPermission(
    repository: string,
    account: AccountId,
    permission: Permission,
  ): Promise<VcsResult<void>>;
  /** Puts a person into a team of this host, or takes them out of it. */
  setTeamMember(team: string, account: AccountId, member: boolean): Promise<VcsResult<void>>;

  openPullRequest(wanted: pulls.OpenPullRequest): Promise<VcsResult<number>>;
  comment(act: pulls.ForgeAct, body: string): Promise<VcsResult<string>>;
  /** Speaks about the head commit as it is now. */
  review(
    act: pulls.ForgeAct,
    opinion: { readonly verdict: "approved" | "changes_requested"; readonly body: string },
  ): Promise<VcsResult<string>>;
  dismissReview(act: pulls.ForgeAct, reviewer: AccountId): Promise<VcsResult<void>>;
  close(act: pulls.ForgeAct): Promise<VcsResult<void>>;
  reopen(act: pulls.ForgeAct): Promise<VcsResult<void>>;
  edit(act: pulls.ForgeAct, change: pulls.EditPullRequest): Promise<VcsResult<void>>;
  merge(act: pulls.ForgeAct, request: MergeRequest): Promise<VcsResult<CommitSha>>;

  /** Newest first, 100 at a time; `below` continues. */
  pullRequests(
    repository: string,
    filter: { readonly state: "open" | "all"; readonly below?: number },
  ): Promise<VcsResult<readonly ForgePullRequest[]>>;
  pullRequest(repository: string, number: number): Promise<VcsResult<LocalPullRequest>>;
  diff(repository: string, number: number): Promise<VcsResult<DiffText>>;
  checks(repository: string, commit: CommitSha): Promise<VcsResult<readonly ForgeCheck[]>>;

  /** Newest first. */
  issues(repository: string, state: "open" | "all"): Promise<VcsResult<readonly ForgeIssue[]>>;
  setIssueState(act: pulls.ForgeAct, state: "open" | "closed"): Promise<VcsResult<void>>;

  /** Looks for pushes now and hands over what waits; resolves when that is done. */
  notice(repository?: string): Promise<void>;
  /** Watches for pushes and hands events over until `stop`. Fails when git cannot be used. */
  start(): Promise<VcsResult<void>>;
  stop(): Promise<void>;
}

export function createLocalForge(options: LocalForgeOptions): LocalForge {
  const context: ForgeContext = { ...options, facts: createCommitFacts() };
  const { store } = context;
  const pump = createPump(context, options.onEvent);
  let watching: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  /** The event is stored already; that it also travels now is a courtesy. */
  function wake(): void {
    pump.drain().catch((error: unknown) => {
      context.log.warn({ err: error }, "events of the forge could not be read");
    });
  }

  async function acted<T>(act: () => Promise<VcsResult<T>>): Promise<VcsResult<T>> {
    const result = await answer(act);
    if (watching !== undefined) wake();
    return result;
  }

  async function notice(id?: string): Promise<void> {
    for (const repository of await store.repositories()) {
      if (id === undefined || id === repository.id) await noticePushes(context, repository);
    }
    await pump.drain();
  }

  return {
    vcs: createLocalVcs(context, () => {
      if (watching !== undefined) wake();
    }),
    createRepository: (wanted) => acted(() => createRepository(context, options.reposDir, wanted)),
    repositories: () => store.repositories(),
    repository: async (idOrName) =>
      (await store.repository(idOrName)) ?? (await store.repositoryNamed(idOrName)),

    async ensureAccount(login, permission = "write") {
      const refused = refuseLogin(login);
      if (refused !== undefined) return refused;
      const id = context.newId() as AccountId;
      return ok(await store.ensureAccount({ id, login, permission, at: context.now() }));
    },
    account: (id) => store.account(id),
    people: (repository, max) => store.people(repository, max),
    async setPermission(repository, account, permission) {
      const found = await findRepository(context, repository);
      if (found.kind !== "ok") return found;
      if ((await store.account(account)) === undefined) {
        return rejected(`There is no account ${account}.`);
      }
      await store.setPermission(repository, account, permission);
      return ok(undefined);
    },
    async setTeamMember(team, account, member) {
      const refused = refuseTeam(team);
      if (refused !== undefined) return refused;
      if ((await store.account(account)) === undefined) {
        return rejected(`There is no account ${account}.`);
      }
      await store.setTeamMember(team.toLowerCase(), account, member);
      return ok(undefined);
    },

    openPullRequest: (wanted) => acted(() => pulls.openPullRequest(context, wanted)),
    comment: (act, body) => acted(() => pulls.comment(context, act, body)),
    review: (act, opinion) => acted(() => pulls.review(context, act, opinion)),
    dismissReview: (act, reviewer) => acted(() => pulls.dismissReview(context, act, reviewer)),
    close: (act) => acted(() => pulls.closePull(context, act)),
    reopen: (act) => acted(() => pulls.reopenPull(context, act)),
    edit: (act, change) => acted(() => pulls.editPull(context, act, change)),
    merge: (act, request) => acted(() => pulls.mergeByPerson(context, act, request)),

    pullRequests: (repository, filter) => answer(() => listPulls(context, repository, filter)),
    pullRequest: (repository, number) => answer(() => readPull(context, repository, number)),
    async checks(repository, commit) {
      const found = await findRepository(context, repository);
      return found.kind === "ok" ? ok(await store.checks(repository, commit)) : found;
    },
    diff: (repository, number) => answer(() => readDiff(context, repository, number)),
    issues: (repository, state) => answer(() => listIssues(context, repository, state)),
    setIssueState: (act, state) => answer(() => setIssueState(context, act, state)),

    notice,
    async start() {
      if (watching !== undefined) return ok(undefined);
      const checked = await checkGit(context.searchPath);
      if (checked.kind !== "ok") return rejected(checked.message);
      const stop = new AbortController();
      const done = watchPushes(context, pump, options.times ?? WATCH_TIMES, stop.signal);
      watching = { stop, done };
      return ok(undefined);
    },
    async stop() {
      watching?.stop.abort();
      await watching?.done;
      watching = undefined;
      await pump.drain().catch(() => undefined);
    },
  };
}
