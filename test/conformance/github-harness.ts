import { randomUUID } from "node:crypto";
import { present } from "../../src/base/assert.ts";
import type { Account, AccountId } from "../../src/core/ids.ts";
import type { VcsEvent } from "../../src/core/vcs-event.ts";
import type { RepositoryRef } from "../../src/ports/vcs.ts";
import { createGithub, type Github } from "../../src/vcs/github/github.ts";
import { editIssue } from "../support/github-double/domain/issues.ts";
import { setDraft, updatePull } from "../support/github-double/domain/pulls.ts";
import { dismissReview } from "../support/github-double/domain/talk.ts";
import {
  type DoubleOptions,
  type GitHubDouble,
  startGitHubDouble,
} from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import {
  type Account as DoubleAccount,
  fullName,
  type Installation,
  type Pull,
  type Repository,
  type Role,
} from "../support/github-double/world.ts";
import { webhookEdge } from "../support/webhook-edge.ts";
import { cloneWorkspace, type GitWorkspace } from "./git-workspace.ts";
import type { VcsHarness, VcsRepository } from "./vcs-harness.ts";

const OLD_SECRET = "the secret that is being replaced";
const SECRET = "the secret of the webhook";

export interface GithubHarness extends VcsHarness {
  readonly github: Github;
  readonly double: GitHubDouble;
}

/** An organization that has installed the app. */
interface Tenant {
  readonly owner: DoubleAccount;
  readonly installation: Installation;
}

/** Our GitHub adapter on the double: real HTTP in both directions, real git underneath. */
export async function githubHarness(options: DoubleOptions = {}): Promise<GithubHarness> {
  const double = await startGitHubDouble(options);
  const tenants = new Map<string, Tenant>();
  const tenant = (login: string): Tenant => {
    const known = tenants.get(login);
    if (known !== undefined) return known;
    const owner = double.organization(login).account;
    const made = { owner, installation: double.install(owner) };
    tenants.set(login, made);
    return made;
  };
  const github = createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: [OLD_SECRET, SECRET],
  });
  const received: VcsEvent[] = [];
  const hooks = await webhookEdge(github.receiver, (verdict) => {
    if (verdict.kind === "event") received.push(verdict.event);
  });
  double.sendWebhooksTo(hooks.url, SECRET);
  const workspaces: GitWorkspace[] = [];
  const of = (ref: RepositoryRef, from = 0) =>
    received.slice(from).filter((event) => event.repository.id === ref.id);
  return {
    github,
    double,
    vcs: github.vcs,
    async createRepository(files, called) {
      const { owner, installation } = tenant(called?.owner ?? "acme");
      const name = called?.name ?? `infra-${randomUUID().slice(0, 8)}`;
      const repo = await scene.createRepository(double, owner, name, { files: asFiles(files) });
      const remote = new URL(`${double.url}/${fullName(repo)}.git`);
      remote.username = "x-access-token";
      remote.password = double.tokenFor(owner);
      const workspace = await cloneWorkspace(remote.href, repo.defaultBranch);
      workspaces.push(workspace);
      return repositoryHarness(double, String(installation.id), repo, workspace);
    },
    async events(ref) {
      await double.settled();
      return of(ref);
    },
    async redeliver(ref) {
      await double.settled();
      const before = received.length;
      const id = Number(ref.id);
      for (const delivery of double.deliveries.log.filter((d) => d.repositoryId === id)) {
        double.deliveries.redeliver(double.world, delivery.id);
      }
      await double.settled();
      return of(ref, before);
    },
    async close() {
      await Promise.all(workspaces.map((workspace) => workspace.remove()));
      await double.close();
      hooks.close();
    },
  };
}

function asFiles(files: Parameters<VcsHarness["createRepository"]>[0]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => (text === null ? [] : [[path, text]])),
  );
}

function repositoryHarness(
  double: GitHubDouble,
  installation: string,
  repo: Repository,
  workspace: GitWorkspace,
): VcsRepository {
  const { world } = double;
  const pull = (number: number): Pull =>
    present(repo.pulls.get(number), `no pull request ${number}`);
  const who = (id: AccountId): DoubleAccount =>
    present(world.accounts.get(Number(id)), `nobody is ${id}`);
  return {
    ref: { installation, id: String(repo.id), fullName: fullName(repo) },
    defaultBranch: repo.defaultBranch,
    person(login, permission) {
      const account = double.user(login);
      if (permission === "none") repo.collaborators.delete(account.id);
      else repo.collaborators.set(account.id, permission satisfies Role);
      return Promise.resolve(asAccount(account));
    },
    push: workspace.push,
    pushSubmodule: workspace.pushSubmodule,
    deleteBranch: workspace.deleteBranch,
    head: workspace.head,
    read: workspace.read,
    async open({ head, base, title, draft, by }) {
      const wish = { by: who(by), head, title, draft: draft ?? false };
      const made = await scene.openPull(
        double,
        repo,
        base === undefined ? wish : { ...wish, base },
      );
      return made.number;
    },
    async openFromFork({ by, files, title }) {
      const fork = await scene.forkRepository(double, repo, who(by));
      await scene.push(double, fork, { branch: "from-afar", files, by: who(by) });
      const made = await scene.openPull(double, repo, {
        by: who(by),
        head: "from-afar",
        from: fork,
        title,
      });
      return made.number;
    },
    close: (number, by) => updatePull(world, pull(number), who(by), { state: "closed" }),
    reopen: (number, by) => updatePull(world, pull(number), who(by), { state: "open" }),
    setDraft: (number, draft, by) => setDraft(world, pull(number), who(by), draft),
    setTitle: (number, title, by) => updatePull(world, pull(number), who(by), { title }),
    async merge(number, by) {
      await scene.merge(double, pull(number), who(by));
    },
    comment: (number, body, by) =>
      Promise.resolve(String(scene.comment(double, pull(number), who(by), body).id)),
    review(number, verdict, by) {
      const event = verdict === "approved" ? "APPROVE" : "REQUEST_CHANGES";
      scene.review(double, pull(number), who(by), event);
      return Promise.resolve();
    },
    dismissReview(number, reviewer, by) {
      const latest = pull(number).reviews.findLast((r) => r.author.id === Number(reviewer));
      dismissReview(world, pull(number), present(latest, "no review"), who(by));
      return Promise.resolve();
    },
    requestReview(number, reviewer) {
      pull(number).requestedReviewers.push(who(reviewer));
      return Promise.resolve();
    },
    putInTeam(team, person, member) {
      const organization = present(world.organizations.get(repo.owner.id), "an organisation");
      if (!organization.teams.has(team)) double.team(organization, team, []);
      const { members } = present(organization.teams.get(team), "the team");
      if (member) members.add(Number(person));
      else members.delete(Number(person));
      return Promise.resolve();
    },
    foreignCheck(commit, { name, state }) {
      const conclusion = { passed: "success", failed: "failure", pending: null }[state];
      scene.foreignCheck(double, repo, commit, { name, conclusion });
      return Promise.resolve();
    },
    comments(number) {
      const seen = [...repo.comments.values()].filter((comment) => comment.number === number);
      return Promise.resolve(
        seen.map((comment) => ({
          id: String(comment.id),
          body: comment.body,
          acknowledged: comment.reactions.some((reaction) => reaction.author === world.app.bot),
          ...(comment.minimized === "outdated" ? { outdated: true as const } : {}),
        })),
      );
    },
    checks(commit) {
      const seen = scene.checksAt(repo, commit).map((check) => ({
        id: String(check.id),
        name: check.name,
        status: check.status as "queued" | "in_progress" | "completed",
        conclusion: check.conclusion ?? undefined,
        title: check.output.title ?? "",
      }));
      return Promise.resolve(seen);
    },
    issues: () =>
      Promise.resolve(
        [...repo.issues.values()].map(({ number, title, body, state }) => ({
          number,
          title,
          body: body ?? "",
          open: state === "open",
        })),
      ),
    closeIssue(number) {
      editIssue(world, present(repo.issues.get(number), "the issue"), { state: "closed" });
      return Promise.resolve();
    },
  };
}

function asAccount(account: DoubleAccount): Account {
  return { id: String(account.id) as AccountId, login: account.login };
}
