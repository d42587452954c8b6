import { randomUUID } from "node:crypto";
import { present } from "../../src/base/assert.ts";
import type { Account, AccountId } from "../../src/core/ids.ts";
import type { Permission } from "../../src/core/pull-request.ts";
import type { VcsEvent } from "../../src/core/vcs-event.ts";
import type { Received, RepositoryRef } from "../../src/ports/vcs.ts";
import { createGitlab, type Gitlab } from "../../src/vcs/gitlab/gitlab.ts";
import type { MergeRequest, Status, User } from "../support/gitlab-double/forge.ts";
import { branchesMoved } from "../support/gitlab-double/heads.ts";
import { type GitLabDouble, startGitLabDouble } from "../support/gitlab-double/index.ts";
import {
  addNote,
  approve,
  checkMergeability,
  mergeNow,
  requestChanges,
  setDraft,
  setState,
  setTitle,
  unapprove,
} from "../support/gitlab-double/merge-requests.ts";
import * as scene from "../support/gitlab-double/scene.ts";
import { newUser, tokenOf, userCalled } from "../support/gitlab-double/users.ts";
import type { Project } from "../support/gitlab-double/world.ts";
import { webhookEdge } from "../support/webhook-edge.ts";
import { cloneWorkspace, type GitWorkspace } from "./git-workspace.ts";
import type { VcsHarness, VcsRepository } from "./vcs-harness.ts";

const TOKEN = "the secret token of the webhook";
const SIGNING = `whsec_${Buffer.from("the signing token of the webhook").toString("base64")}`;

export interface GitlabHarness extends VcsHarness {
  readonly gitlab: Gitlab;
  readonly double: GitLabDouble;
  /** Every verdict of the receiver, in order. */
  readonly verdicts: readonly Received[];
  projectOf(ref: RepositoryRef): Project;
}

/** Our GitLab adapter on the double: real HTTP in both directions, real git underneath. */
export async function gitlabHarness(
  options: { readonly signed?: boolean } = {},
): Promise<GitlabHarness> {
  const double = await startGitLabDouble(() => new Date());
  const { world } = double;
  const gitlab = createGitlab({
    url: double.url,
    token: double.token("maintainer"),
    userAgent: "terrane-test",
    now: () => Date.now(),
    webhookSecrets: { tokens: [TOKEN], signing: options.signed === false ? [] : [SIGNING] },
  });
  const received: VcsEvent[] = [];
  const verdicts: Received[] = [];
  const hooks = await webhookEdge(gitlab.receiver, (verdict) => {
    verdicts.push(verdict);
    if (verdict.kind === "event") received.push(verdict.event);
  });
  const pusher = newUser(world, "pusher");
  const pushToken = tokenOf(world, pusher, "maintainer");
  const workspaces: GitWorkspace[] = [];
  const of = (ref: RepositoryRef, from = 0) =>
    received.slice(from).filter((event) => event.repository.id === ref.id);
  const projectOf = (ref: RepositoryRef): Project =>
    present(world.projects.get(Number(ref.id)), `no project ${ref.id}`);
  return {
    gitlab,
    double,
    verdicts,
    projectOf,
    vcs: gitlab.vcs,
    async createRepository(files, called) {
      const owner = called?.owner ?? "acme/platform";
      const name = called?.name ?? `infra-${randomUUID().slice(0, 8)}`;
      const project = double.createProject(`${owner}/${name}`);
      await scene.addCode(world, project, pusher, asFiles(files));
      scene.addHook(world, project, { url: hooks.url, token: TOKEN, signingToken: SIGNING });
      const remote = new URL(`${double.url}/${project.path}.git`);
      remote.username = "oauth2";
      remote.password = pushToken;
      const workspace = await cloneWorkspace(remote.href, project.defaultBranch);
      workspaces.push(workspace);
      return repositoryHarness(double, project, workspace);
    },
    async events(ref) {
      await world.deliveries.settled();
      return of(ref);
    },
    async redeliver(ref) {
      await world.deliveries.settled();
      const before = received.length;
      const id = Number(ref.id);
      for (const sent of world.deliveries.log.filter(({ project }) => project.id === id)) {
        world.deliveries.resend(world, sent);
      }
      await world.deliveries.settled();
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

const LEVELS: Readonly<Record<Permission, number>> = {
  none: 0,
  read: 20,
  triage: 20,
  write: 30,
  maintain: 40,
  admin: 50,
};

function repositoryHarness(
  double: GitLabDouble,
  project: Project,
  workspace: GitWorkspace,
): VcsRepository {
  const { world } = double;
  const { forge } = project;
  const request = (number: number): MergeRequest =>
    present(forge.mergeRequests.get(number), `no merge request ${number}`);
  const who = (id: AccountId): User => present(world.users.get(Number(id)), `nobody is ${id}`);
  return {
    ref: {
      installation: new URL(double.url).host,
      id: String(project.id),
      fullName: project.path,
    },
    defaultBranch: project.defaultBranch,
    person(login, permission) {
      const user = userCalled(world, login) ?? newUser(world, login);
      if (permission === "none") forge.members.delete(user.id);
      else forge.members.set(user.id, { level: LEVELS[permission] });
      return Promise.resolve(asAccount(user));
    },
    push: workspace.push,
    pushSubmodule: workspace.pushSubmodule,
    deleteBranch: workspace.deleteBranch,
    head: workspace.head,
    read: workspace.read,
    async open({ head, base, title, draft, by }) {
      const wish = { by: who(by), head, title: draft === true ? `Draft: ${title}` : title };
      const made = await scene.open(world, project, base === undefined ? wish : { ...wish, base });
      return made.iid;
    },
    async openFromFork({ by, files, title }) {
      const source = double.createProject(`${who(by).username}/${randomUUID().slice(0, 8)}`);
      source.forge.forkOf = project;
      await scene.addCode(world, source, who(by), {});
      await scene.push(world, source, who(by), "from-afar", asFiles(files));
      const made = await scene.open(world, project, {
        by: who(by),
        source,
        head: "from-afar",
        title,
      });
      return made.iid;
    },
    close: (number, by) => done(setState(world, request(number), who(by), "closed")),
    reopen: (number, by) => done(setState(world, request(number), who(by), "opened")),
    setDraft: (number, draft, by) => done(setDraft(world, request(number), who(by), draft)),
    setTitle: (number, title, by) => done(setTitle(world, request(number), who(by), title)),
    async merge(number, by) {
      await checkMergeability(request(number));
      await mergeNow(world, request(number), who(by), { squash: false });
      await branchesMoved(world, project, who(by));
    },
    comment: (number, body, by) =>
      Promise.resolve(String(addNote(world, request(number), who(by), body).id)),
    review: (number, verdict, by) =>
      done((verdict === "approved" ? approve : requestChanges)(world, request(number), who(by))),
    // Nobody can take back what another said; whoever said it does.
    dismissReview: (number, reviewer) => done(unapprove(world, request(number), who(reviewer))),
    requestReview(number, reviewer) {
      request(number).reviewers.set(Number(reviewer), "unreviewed");
      return Promise.resolve();
    },
    putInTeam(team, person, member) {
      const { members } = scene.group(world, `${project.path.split("/")[0]}/${team}`);
      if (member) members.set(Number(person), { level: 30 });
      else members.delete(Number(person));
      return Promise.resolve();
    },
    foreignCheck(commit, { name, state }) {
      const status = { passed: "success", failed: "failed", pending: "running" }[state];
      putForeign(double, project, { sha: commit, name, status });
      return Promise.resolve();
    },
    ...whatPeopleSee(project, request),
  };
}

function whatPeopleSee(
  project: Project,
  request: (number: number) => MergeRequest,
): Pick<VcsRepository, "comments" | "checks" | "issues" | "closeIssue"> {
  const { issues, statuses } = project.forge;
  return {
    comments: (number) =>
      Promise.resolve(
        request(number)
          .notes.filter(({ system }) => !system)
          .map(({ id, body, awards }) => ({
            id: String(id),
            body,
            acknowledged: awards.some(({ user }) => user.username === "maintainer-bot"),
            ...(body.startsWith("<details><summary>Outdated") ? { outdated: true as const } : {}),
          })),
      ),
    checks: (commit) =>
      Promise.resolve(
        statuses
          .filter(({ sha, retried }) => sha === commit && !retried)
          .map((status) => ({
            id: String(status.id),
            name: status.name,
            ...seen(status.status),
            title: status.description ?? "",
          })),
      ),
    issues: () =>
      Promise.resolve(
        [...issues.values()].map(({ iid, title, description, state }) => ({
          number: iid,
          title,
          body: description,
          open: state === "opened",
        })),
      ),
    closeIssue(number) {
      present(issues.get(number), "the issue").state = "closed";
      return Promise.resolve();
    },
  };
}

function seen(status: string): {
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | undefined;
} {
  if (status === "pending") return { status: "queued", conclusion: undefined };
  if (status === "running") return { status: "in_progress", conclusion: undefined };
  const conclusion = status === "failed" ? "failure" : status;
  return { status: "completed", conclusion };
}

/** As somebody else's pipeline puts it, and as its next one does. */
function putForeign(
  { world }: GitLabDouble,
  { forge, defaultBranch }: Project,
  { sha, name, status }: Pick<Status, "sha" | "name" | "status">,
): void {
  const user = userCalled(world, "other-bot") ?? newUser(world, "other-bot");
  forge.statuses.push({
    id: world.nextId++,
    sha,
    ref: defaultBranch,
    name,
    user,
    status,
    description: null,
    targetUrl: null,
    retried: false,
    createdAt: world.now(),
  });
}

function done(_nothing: void): Promise<void> {
  return Promise.resolve();
}

function asAccount({ id, username }: User): Account {
  return { id: String(id) as AccountId, login: username };
}
