import { parseComment } from "../../core/command/parse-comment.ts";
import type { AccountId, PullRequestId } from "../../core/ids.ts";
import type { VcsResult } from "../../ports/vcs.ts";
import type { RepositoryRecord } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { busy, notFound, Problem, vcsProblem } from "../errors.ts";
import type { Act, Forge } from "../forge.ts";
import { LOCAL_VCS, type Services } from "../services.ts";
import { forgePull, issueView } from "../view/local-forge.ts";
import { repositoryView, summaryView } from "../view/pull-request.ts";
import { numberOf, repositoryOf } from "./params.ts";

type LocalHandlers = Pick<
  Handlers,
  | "createRepository"
  | "putPerson"
  | "putTeamMember"
  | "openPullRequest"
  | "diff"
  | "comment"
  | "review"
  | "merge"
  | "setState"
  | "command"
  | "issues"
  | "setIssueState"
>;

const DONE = { ok: true } as const;
/** The one thing that the local forge is installed on. */
const INSTALLATION = "local";
const DEFAULT_BRANCH = "main";

/** What people do where this server is the forge. Everywhere else they do it at the VCS itself. */
export function localHandlers(services: Services): LocalHandlers {
  const { about } = services;

  async function actor(forge: Forge, login: string | undefined): Promise<AccountId> {
    return value(await forge.ensureAccount(login ?? about.actor)).id;
  }

  async function act(
    params: Readonly<Record<string, string>>,
    login: string | undefined,
  ): Promise<{ readonly forge: Forge; readonly act: Act; readonly repository: RepositoryRecord }> {
    const repository = await repositoryOf(services.views, params["repository"]);
    const number = numberOf(params["number"]);
    const forge = forgeOf(services, repository);
    const by = await actor(forge, login);
    return { forge, repository, act: { repository: repository.ref.id, number, by } };
  }

  return {
    async createRepository({ body }) {
      const { forge } = services;
      if (forge === undefined) throw notLocal();
      const { name, bareDir } = body;
      const made = value(
        await forge.createRepository({ name, ...(bareDir === undefined ? {} : { bareDir }) }),
      );
      const ref = { installation: INSTALLATION, id: made.id, fullName: made.fullName };
      const id = await services.repositories.keepRepository(LOCAL_VCS, ref, DEFAULT_BRANCH);
      const repository = await repositoryOf(services.views, id);
      return repositoryView(repository, await services.cloneUrl(LOCAL_VCS, ref));
    },
    async putPerson({ params, body }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const forge = forgeOf(services, repository);
      const person = await actor(forge, body.login);
      value(await forge.setPermission(repository.ref.id, person, body.permission));
      return DONE;
    },
    async putTeamMember({ params, body }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const forge = forgeOf(services, repository);
      const person = await actor(forge, body.login);
      value(await forge.setTeamMember(body.team, person, body.member));
      return DONE;
    },
    async openPullRequest({ params, body }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const forge = forgeOf(services, repository);
      const { title, head, base, draft } = body;
      const number = value(
        await forge.openPullRequest({
          repository: repository.ref.id,
          title,
          head,
          base,
          body: "",
          draft: draft ?? false,
          by: await actor(forge, body.as),
        }),
      );
      const found = await forgePull(forge, repository.ref, number);
      const { updatedAt } = found.pull;
      return summaryView(repository, found.view, { phases: [], locks: 0, updatedAt });
    },
    async diff({ params }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const forge = forgeOf(services, repository);
      return value(await forge.diff(repository.ref.id, numberOf(params["number"])));
    },
    async comment({ params, body }) {
      const acting = await act(params, body.as);
      value(await acting.forge.comment(acting.act, body.body));
      return DONE;
    },
    async review({ params, body }) {
      const { forge, act: by } = await act(params, body.as);
      const { verdict } = body;
      if (verdict === "dismissed") value(await forge.dismissReview(by, by.by));
      else value(await forge.review(by, { verdict, body: "" }));
      return DONE;
    },
    async merge({ params, body }) {
      const { forge, act: by, repository } = await act(params, body.as);
      const { view } = await forgePull(forge, repository.ref, by.number);
      const method = body.method ?? "merge";
      value(await forge.merge(by, { head: view.headSha, method }));
      return DONE;
    },
    async setState({ params, body }) {
      const { forge, act: by } = await act(params, body.as);
      value(await change(forge, by, body.state));
      return DONE;
    },
    async issues({ params, query }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const forge = forgeOf(services, repository);
      const state = query("state") === "all" ? "all" : "open";
      return value(await forge.issues(repository.ref.id, state)).map(issueView);
    },
    async setIssueState({ params, body }) {
      const { forge, act: by } = await act(params, body.as);
      value(await forge.setIssueState(by, body.state));
      return DONE;
    },
    async command({ params, body }) {
      const { forge, act: by, repository } = await act(params, body.as);
      const person = value(await forge.ensureAccount(body.as ?? about.actor));
      const pullRequest = await knownPullRequest(services, forge, repository, by.number);
      const account = { id: person.id, login: person.login };
      await services.engine.command(pullRequest, account, commandText(body.command), "api");
      return DONE;
    },
  };
}

function change(
  forge: Forge,
  act: Act,
  state: "open" | "closed" | "draft" | "ready",
): Promise<VcsResult<void>> {
  switch (state) {
    case "open":
      return forge.reopen(act);
    case "closed":
      return forge.close(act);
    case "draft":
    case "ready":
      return forge.edit(act, { draft: state === "draft" });
  }
}

/** Whoever uses this route means a command, so the name in front of it may be left out. */
function commandText(text: string): string {
  return parseComment(text).kind === "not_a_command" ? `terrane ${text}` : text;
}

/** One that was opened a moment ago may not have been told to the engine yet. */
async function knownPullRequest(
  services: Services,
  forge: Forge,
  repository: RepositoryRecord,
  number: number,
): Promise<PullRequestId> {
  const known = await services.views.pullRequest(repository.id, number);
  if (known !== undefined) return known.pullRequest.id;
  await forgePull(forge, repository.ref, number);
  await forge.notice(repository.ref.id);
  const now = await services.views.pullRequest(repository.id, number);
  if (now === undefined) throw busy("The pull request is being read for the first time.");
  return now.pullRequest.id;
}

function forgeOf(services: Services, repository: RepositoryRecord): Forge {
  if (repository.vcs !== LOCAL_VCS) throw notLocal(repository);
  if (services.forge === undefined) throw notFound("repository");
  return services.forge;
}

function notLocal(repository?: RepositoryRecord): Problem {
  const what =
    repository === undefined
      ? "This server keeps no repositories of its own."
      : `${repository.ref.fullName} is kept by ${repository.vcs}, not by this server.`;
  return new Problem(409, "NOT_LOCAL", what, {
    next: "Do it there; comments with `terrane` commands work in its pull requests.",
  });
}

function value<T>(result: VcsResult<T>): T {
  if (result.kind === "ok") return result.value;
  throw vcsProblem(result);
}
