import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Instant } from "../../src/base/brand.ts";
import type { VcsEvent } from "../../src/core/vcs-event.ts";
import type { ForgeRepository, ForgeStore } from "../../src/ports/forge-store.ts";
import type { RepositoryRef, VcsResult } from "../../src/ports/vcs.ts";
import { createForgeStore } from "../../src/store/forge/store.ts";
import { openDatabase } from "../../src/store/pool.ts";
import { LOCAL_INSTALLATION } from "../../src/vcs/local/context.ts";
import {
  createLocalForge,
  type LocalForge,
  type LocalForgeOptions,
} from "../../src/vcs/local/forge.ts";
import { createTestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";
import { cloneWorkspace, type GitWorkspace } from "./git-workspace.ts";
import type { FileContents, VcsHarness, VcsRepository } from "./vcs-harness.ts";

export interface LocalHarness extends VcsHarness {
  readonly forge: LocalForge;
  readonly store: ForgeStore;
  readonly reposDir: string;
  readonly received: readonly VcsEvent[];
  /** Another server on the same database and directory. */
  another(change?: Partial<LocalForgeOptions>): LocalForge;
}

/** The local forge on a database and a directory of its own. */
export async function localHarness(): Promise<LocalHarness> {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({ url: testDatabase.url, log: quiet, connectionsMax: 4 });
  const reposDir = await mkdtemp(join(tmpdir(), "terrane-forge-"));
  const received: VcsEvent[] = [];
  const workspaces: GitWorkspace[] = [];
  const store = createForgeStore(database);
  const forges: LocalForge[] = [];

  function another(change: Partial<LocalForgeOptions> = {}): LocalForge {
    const made = createLocalForge({ ...options, ...change });
    forges.push(made);
    return made;
  }

  const options: LocalForgeOptions = {
    store,
    reposDir,
    now: () => Date.now() as Instant,
    newId: randomUUID,
    searchPath: process.env["PATH"] ?? "",
    log: quiet,
    pullRequestUrl: (fullName, number) => `http://localhost/${fullName}/${number}`,
    onEvent: (event) => {
      received.push(event);
      return Promise.resolve();
    },
  };
  const forge = another();

  const of = (ref: RepositoryRef) => received.filter((event) => event.repository.id === ref.id);

  return {
    forge,
    store,
    reposDir,
    received,
    another,
    vcs: forge.vcs,
    async createRepository(files, called) {
      const chosen = called ?? { owner: "test", name: randomUUID().slice(0, 8) };
      const name = `${chosen.owner}/${chosen.name}`;
      const repository = await must(forge.createRepository({ name }));
      const workspace = await cloneWorkspace(repository.bareDir, "main");
      workspaces.push(workspace);
      return localRepository(forge, store, repository, workspace, files);
    },
    async events(ref) {
      await forge.notice(ref.id);
      return of(ref);
    },
    async redeliver(ref) {
      await forge.notice(ref.id);
      const before = received.length;
      // As after a crash between handing an event over and remembering that.
      const forget = "update forge_event set handed_over_at = null where repository_id = $1";
      await database.pool.query(forget, [ref.id]);
      await forge.notice(ref.id);
      return received.slice(before).filter((event) => event.repository.id === ref.id);
    },
    async close() {
      for (const each of forges) await each.stop();
      await database.close();
      await testDatabase.drop();
      await Promise.all(workspaces.map((workspace) => workspace.remove()));
      await rm(reposDir, { recursive: true, force: true });
    },
  };
}

async function localRepository(
  forge: LocalForge,
  store: ForgeStore,
  repository: ForgeRepository,
  workspace: GitWorkspace,
  files: FileContents,
): Promise<VcsRepository> {
  const { id, fullName } = repository;
  await workspace.push("main", files);
  const act = (number: number, by: Parameters<VcsRepository["close"]>[1]) => ({
    repository: id,
    number,
    by,
  });
  return {
    ref: { installation: LOCAL_INSTALLATION, id, fullName },
    defaultBranch: "main",
    async person(login, permission) {
      const account = await must(forge.ensureAccount(login, "none"));
      await must(forge.setPermission(id, account.id, permission));
      return { id: account.id, login: account.login };
    },
    push: workspace.push,
    pushSubmodule: workspace.pushSubmodule,
    deleteBranch: workspace.deleteBranch,
    head: workspace.head,
    read: workspace.read,
    open: ({ head, base, title, body, draft, by }) =>
      must(
        forge.openPullRequest({
          repository: id,
          head,
          base: base ?? "main",
          title,
          body: body ?? "",
          draft: draft ?? false,
          by,
        }),
      ),
    close: (number, by) => must(forge.close(act(number, by))),
    reopen: (number, by) => must(forge.reopen(act(number, by))),
    setDraft: (number, draft, by) => must(forge.edit(act(number, by), { draft })),
    setTitle: (number, title, by) => must(forge.edit(act(number, by), { title })),
    async merge(number, by) {
      const { view } = await must(forge.pullRequest(id, number));
      await must(forge.merge(act(number, by), { head: view.headSha, method: "merge" }));
    },
    comment: (number, body, by) => must(forge.comment(act(number, by), body)),
    async review(number, verdict, by) {
      await must(forge.review(act(number, by), { verdict, body: "" }));
    },
    dismissReview: (number, reviewer, by) => must(forge.dismissReview(act(number, by), reviewer)),
    async requestReview(number, reviewer) {
      const asked = await store.account(reviewer);
      const wanted = { users: [asked?.login ?? ""], teams: [] };
      const repo = { installation: LOCAL_INSTALLATION, id, fullName };
      await must(forge.vcs.askReviewers(repo, number, wanted));
    },
    putInTeam: (team, person, member) => must(forge.setTeamMember(team, person, member)),
    async comments(number) {
      const { comments } = await must(forge.pullRequest(id, number));
      return comments.map((each) => ({
        id: each.id,
        body: each.body,
        acknowledged: each.acknowledged,
        ...(each.outdated ? { outdated: true as const } : {}),
      }));
    },
    async checks(commit) {
      const checks = await must(forge.checks(id, commit));
      return checks.map(({ id: checkId, name, status, conclusion, title }) => ({
        id: checkId,
        name,
        status,
        conclusion,
        title,
      }));
    },
    async issues() {
      const seen = await must(forge.issues(id, "all"));
      return seen
        .map(({ number, title, body, closedAt }) => ({
          number,
          title,
          body,
          open: closedAt === undefined,
        }))
        .reverse();
    },
    closeIssue: (number, by) => must(forge.setIssueState(act(number, by), "closed")),
  };
}

export async function must<T>(result: Promise<VcsResult<T>>): Promise<T> {
  const settled = await result;
  if (settled.kind !== "ok") throw new Error(`${settled.kind}: ${settled.message}`);
  return settled.value;
}
