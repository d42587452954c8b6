import * as z from "zod/mini";
import {
  AddAppBody,
  AppCheckView,
  AppOfferView,
  AppView,
  BeginAppBody,
  BegunAppView,
  CompleteAppBody,
} from "./apps.ts";
import { BudgetView } from "./budget.ts";
import {
  AffectedBody,
  AffectedView,
  ChangedFilesView,
  CheckConfigurationBody,
  ConfigurationCheck,
  ConfigurationView,
} from "./configuration.ts";
import { AdoptRepositoryBody, SetupProposal, SetupView } from "./setup.ts";
import {
  DiffView,
  IssueView,
  LockView,
  OutputView,
  PullRequestDetail,
  PullRequestSummary,
  RepositoryView,
  RunSummary,
  RunView,
  ServerView,
  SetAsideView,
} from "./views.ts";
import { WhyView } from "./why.ts";

/**
 * The people's door: dashboard, command line, scripts. Every route is below `/api/v1`, answers JSON, and takes
 * `Authorization: Bearer <token>` or the dashboard's session cookie. Errors are `ErrorReply` (see `work.ts`).
 *
 * Server-sent events: `GET /api/v1/events?cursor=N` gives `changed` (ChangedEvent);
 * `GET /api/v1/runs/:run/output/:unit/stream?after=SEQ` gives `chunk` ({seq, text}) and `end`.
 */

const Login = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/));
const Branch = z.string().check(z.minLength(1), z.maxLength(250));

export const CreateRepositoryBody = z.object({
  name: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,100}$/)),
  /** An existing bare repository on the server's disk; without it an empty one is made. */
  bareDir: z.optional(z.string().check(z.maxLength(4096))),
});
export const OpenPullRequestBody = z.object({
  title: z.string().check(z.minLength(1), z.maxLength(250)),
  head: Branch,
  base: Branch,
  draft: z.optional(z.boolean()),
  as: z.optional(Login),
});
export const CommentBody = z.object({
  body: z.string().check(z.minLength(1), z.maxLength(60_000)),
  as: z.optional(Login),
});
export const ReviewBody = z.object({
  verdict: z.enum(["approved", "changes_requested", "dismissed"]),
  as: z.optional(Login),
});
export const MergeBody = z.object({
  method: z.optional(z.enum(["merge", "squash", "rebase"])),
  as: z.optional(Login),
});
export const StateBody = z.object({
  state: z.enum(["open", "closed", "draft", "ready"]),
  as: z.optional(Login),
});
export const IssueStateBody = z.object({
  state: z.enum(["open", "closed"]),
  as: z.optional(Login),
});
export const CommandBody = z.object({
  command: z.string().check(z.minLength(1), z.maxLength(5_000)),
  as: z.optional(Login),
});
export const PersonBody = z.object({
  login: Login,
  permission: z.enum(["admin", "maintain", "write", "triage", "read"]),
});
export const TeamMemberBody = z.object({
  team: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)),
  login: Login,
  /** False takes the person out of the team. */
  member: z.boolean(),
});

export type CreateRepositoryBody = z.infer<typeof CreateRepositoryBody>;
export type OpenPullRequestBody = z.infer<typeof OpenPullRequestBody>;

const None = z.object({});
const Done = z.object({ ok: z.literal(true) });

/** `local: true` routes exist for repositories of the local VCS only and answer 409 for others. */
export const routes = {
  server: { method: "GET", path: "/server", body: None, reply: ServerView },
  apps: { method: "GET", path: "/apps", body: None, reply: z.array(AppView) },
  /** What registering an app asks for; `?host=` names another host than the usual one. */
  appOffer: {
    method: "GET",
    path: "/app-offer",
    query: ["host"],
    body: None,
    reply: AppOfferView,
  },
  /** Registers an app in the browser: answers the form to send to the forge. */
  beginApp: { method: "POST", path: "/apps/begin", body: BeginAppBody, reply: BegunAppView },
  /** With what the forge sent the browser back with; once, within the hour, and by whoever began. */
  completeApp: { method: "POST", path: "/apps/complete", body: CompleteAppBody, reply: AppView },
  /** Registers an app that exists, with its key and secrets. */
  addApp: { method: "POST", path: "/apps", body: AddAppBody, reply: AppView },
  /** Its secrets are forgotten; what was stored about its repositories stays. */
  removeApp: { method: "DELETE", path: "/apps/:key", body: None, reply: Done },
  /** Asks the forge whether everything is as it has to be. */
  checkApp: { method: "GET", path: "/apps/:key/check", body: None, reply: AppCheckView },
  /** Sets address and secret of the webhook on the forge to what this server expects. */
  mendApp: { method: "POST", path: "/apps/:key/webhook", body: None, reply: AppCheckView },
  repositories: {
    method: "GET",
    path: "/repositories",
    body: None,
    reply: z.array(RepositoryView),
  },
  createRepository: {
    method: "POST",
    path: "/repositories",
    body: CreateRepositoryBody,
    reply: RepositoryView,
  },
  putPerson: {
    method: "PUT",
    path: "/repositories/:repository/people",
    body: PersonBody,
    reply: Done,
  },
  /** Teams belong to the host: every repository that this server keeps knows them. */
  putTeamMember: {
    method: "PUT",
    path: "/repositories/:repository/team-members",
    body: TeamMemberBody,
    reply: Done,
  },
  pullRequests: { method: "GET", path: "/pulls", body: None, reply: z.array(PullRequestSummary) },
  openPullRequest: {
    method: "POST",
    path: "/repositories/:repository/pulls",
    body: OpenPullRequestBody,
    reply: PullRequestSummary,
  },
  pullRequest: {
    method: "GET",
    path: "/repositories/:repository/pulls/:number",
    body: None,
    reply: PullRequestDetail,
  },
  diff: {
    method: "GET",
    path: "/repositories/:repository/pulls/:number/diff",
    body: None,
    reply: DiffView,
  },
  /** `?dirspace=` asks about one dirspace, directory or path; `?before=` goes on after the oldest decision of an answer. */
  why: {
    method: "GET",
    path: "/repositories/:repository/pulls/:number/why",
    query: ["dirspace", "before"],
    body: None,
    reply: WhyView,
  },
  comment: {
    method: "POST",
    path: "/repositories/:repository/pulls/:number/comments",
    body: CommentBody,
    reply: Done,
  },
  review: {
    method: "POST",
    path: "/repositories/:repository/pulls/:number/reviews",
    body: ReviewBody,
    reply: Done,
  },
  merge: {
    method: "POST",
    path: "/repositories/:repository/pulls/:number/merge",
    body: MergeBody,
    reply: Done,
  },
  setState: {
    method: "POST",
    path: "/repositories/:repository/pulls/:number/state",
    body: StateBody,
    reply: Done,
  },
  /** Newest first, and the open ones unless `?state=all`. */
  issues: {
    method: "GET",
    path: "/repositories/:repository/issues",
    query: ["state"],
    body: None,
    reply: z.array(IssueView),
  },
  setIssueState: {
    method: "POST",
    path: "/repositories/:repository/issues/:number/state",
    body: IssueStateBody,
    reply: Done,
  },
  command: {
    method: "POST",
    path: "/repositories/:repository/pulls/:number/commands",
    body: CommandBody,
    reply: Done,
  },
  changedFiles: {
    method: "GET",
    path: "/repositories/:repository/pulls/:number/files",
    body: None,
    reply: ChangedFilesView,
  },
  /** `?ref=` names another branch, or a commit. */
  configuration: {
    method: "GET",
    path: "/repositories/:repository/configuration",
    body: None,
    reply: ConfigurationView,
  },
  checkConfiguration: {
    method: "POST",
    path: "/configuration/check",
    body: CheckConfigurationBody,
    reply: ConfigurationCheck,
  },
  affected: {
    method: "POST",
    path: "/repositories/:repository/affected",
    body: AffectedBody,
    reply: AffectedView,
  },
  /** Takes note of a repository that an app of this server reaches, before anything is told of it. */
  adoptRepository: {
    method: "POST",
    path: "/repositories/adopt",
    body: AdoptRepositoryBody,
    reply: RepositoryView,
  },
  /** How far the set-up of a repository is, and what is to be done next. */
  setup: {
    method: "GET",
    path: "/repositories/:repository/setup",
    body: None,
    reply: SetupView,
  },
  /** Opens a pull request with the files that are missing, or finds the one that it opened before. */
  proposeSetup: {
    method: "POST",
    path: "/repositories/:repository/setup",
    body: None,
    reply: SetupProposal,
  },
  runs: { method: "GET", path: "/runs", body: None, reply: z.array(RunSummary) },
  run: { method: "GET", path: "/runs/:run", body: None, reply: RunView },
  /** `after`: the last chunk that is known. An answer has so many chunks; without any there are no more now. */
  output: {
    method: "GET",
    path: "/runs/:run/output/:unit",
    query: ["after"],
    body: None,
    reply: OutputView,
  },
  locks: { method: "GET", path: "/locks", body: None, reply: z.array(LockView) },
  /** What is left of what VCSs let this server do, what is held back of it, and what waits. */
  budget: { method: "GET", path: "/budget", body: None, reply: BudgetView },
  /** What failed for good; `id` names one for `repeat`. */
  setAside: { method: "GET", path: "/set-aside", body: None, reply: z.array(SetAsideView) },
  repeat: { method: "POST", path: "/set-aside/:id/repeat", body: None, reply: Done },
} as const;

export type RouteName = keyof typeof routes;
export type BodyOf<N extends RouteName> = z.infer<(typeof routes)[N]["body"]>;
export type ReplyOf<N extends RouteName> = z.infer<(typeof routes)[N]["reply"]>;
/** Parameters of path and query by name; `repository` and `run` are ids, `unit` a dirspace key, all URL-encoded by `call`. */
export type Params = Readonly<Record<string, string | number>>;
