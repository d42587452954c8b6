import { present } from "../base/assert.ts";
import { unreachable } from "../base/unreachable.ts";
import { centralPaths } from "../core/config/central.ts";
import {
  type Answer,
  type Central,
  type CentralFile,
  CONFIG_PATHS,
  type ConfigFile,
  isImmutable,
  type Question,
  questionKey,
} from "../core/fact.ts";
import type { CommitSha } from "../core/ids.ts";
import type { StoredPullRequest } from "../ports/engine-store.ts";
import type { Judging, RepositoryRef, Vcs, VcsFailure, VcsResult } from "../ports/vcs.ts";
import type { CentralHeads } from "./central-heads.ts";
import { notConnected } from "./not-connected.ts";
import type { EnginePorts } from "./ports.ts";

/** Larger configuration files are refused by the parser; there is no use in fetching them whole. */
const CONFIG_CHARS_MAX = 256 * 1024;

/** The VCS cannot answer now: the event waits and is tried again, nothing is lost. */
export class VcsUnavailable extends Error {
  override readonly name = "VcsUnavailable";
  readonly retryAfterMs: number | undefined;

  constructor(failure: VcsFailure, question: string) {
    super(`the VCS did not answer ${question}: ${failure.message}`);
    this.retryAfterMs = failure.kind === "unavailable" ? failure.retryAfterMs : undefined;
  }
}

export interface Answered {
  readonly key: string;
  readonly answer: Answer;
  readonly immutable: boolean;
  /** What the VCS told with it; good for the same decision and for no other. */
  readonly also?: Answered;
}

/** Who is asked about a repository. */
export type Oracles = Pick<EnginePorts, "vcs" | "ci" | "centralHeads">;

/** Looks one question up, at the VCS nearly always. */
export async function answer(
  oracles: Oracles,
  pullRequest: StoredPullRequest,
  question: Question,
  /** Commits of the central repository that somebody saw. */
  central: readonly CommitSha[] = [],
  /** An apply waits for it. */
  permits = false,
): Promise<Answered> {
  const kind = pullRequest.repository.vcs;
  const vcs = await oracles.vcs.get(kind);
  // It was connected once: what happened meanwhile waits until it is again.
  if (vcs === undefined) throw new VcsUnavailable(notConnected(kind), question.kind);
  if (question.kind === "comment") return await readComment(vcs, pullRequest, question);
  const judging = (permits ? vcs.permitting : undefined) ?? vcs;
  const value =
    question.kind === "ci_files"
      ? await ciFiles(oracles, kind)
      : await lookUp(judging, pullRequest, question, (repo) =>
          oracles.centralHeads.find(judging, repo, central),
        );
  // What cannot be read today may be readable tomorrow: only what was read is known for ever.
  const immutable = isImmutable(question) && !isFailure(value);
  return { key: questionKey(question), answer: value, immutable };
}

function isFailure(value: Answer): boolean {
  switch (value.kind) {
    case "refused":
      return true;
    case "config":
      return value.file.kind === "unreadable";
    case "central_files":
      return value.files.some((file) => file.kind === "unreadable");
    case "index":
      return value.index === undefined;
    case "built_tree":
      return value.tree === undefined;
    case "built_config":
      return value.text === undefined;
    default:
      return false;
  }
}

async function readComment(
  vcs: Vcs,
  { repository, number }: StoredPullRequest,
  question: Extract<Question, { kind: "comment" }>,
): Promise<Answered> {
  const found = orAbsent(await vcs.comment(repository.ref, number, question.id), question);
  const key = questionKey(question);
  if (found === undefined) {
    return { key, answer: { kind: "comment", comment: undefined }, immutable: false };
  }
  const { pullRequest: view, ...comment } = found;
  const read = { key, answer: { kind: "comment", comment }, immutable: false } as const;
  if (view === undefined) return read;
  const also = {
    key: questionKey({ kind: "pull_request" }),
    answer: { kind: "pull_request", view },
    immutable: false,
  } as const;
  return { ...read, also };
}

async function ciFiles(oracles: Oracles, kind: string): Promise<Answer> {
  const ci = present(await oracles.ci.get(kind), `a CI adapter for ${kind}`);
  return { kind: "ci_files", paths: ci.files };
}

async function lookUp(
  vcs: Judging,
  pullRequest: StoredPullRequest,
  question: Exclude<Question, { kind: "ci_files" | "comment" }>,
  findCentral: (repo: RepositoryRef) => ReturnType<CentralHeads["find"]>,
): Promise<Answer> {
  const repo = pullRequest.repository.ref;
  switch (question.kind) {
    case "pull_request": {
      const got = await vcs.pullRequest(repo, pullRequest.number);
      return { kind: "pull_request", view: orAbsent(got, question) };
    }
    case "permission": {
      const got = await vcs.permission(repo, question.account);
      // Nobody the VCS does not know has any right (fail closed).
      return { kind: "permission", permission: orAbsent(got, question) ?? "none" };
    }
    case "team_member": {
      const got = await vcs.teamMember(repo, question.team, question.account);
      if (got.kind === "ok") return { kind: "team_member", member: got.value };
      if (got.kind === "not_found") return { kind: "team_member", member: false };
      return orRefused(got, question);
    }
    case "checks": {
      const got = await vcs.checks(repo, question.commit);
      return got.kind === "ok" ? { kind: "checks", checks: got.value } : orRefused(got, question);
    }
    case "open_reviews": {
      const got = await vcs.openReviews(repo, pullRequest.number);
      if (got.kind === "ok") return { kind: "open_reviews", waitingFor: got.value };
      return orRefused(got, question);
    }
    case "config":
      return { kind: "config", file: await configAt(vcs, repo, question.commit) };
    case "central": {
      const got = await findCentral(repo);
      if (got.kind === "ok") return { kind: "central", at: got.value };
      return orRefused(got, question);
    }
    case "central_files":
      return {
        kind: "central_files",
        files: await centralFiles(vcs, repo.installation, question.central),
      };
    case "tree": {
      const got = await vcs.tree(repo, question.commit);
      if (got.kind === "rejected") return { kind: "refused", message: got.message };
      if (got.kind !== "ok") throw new VcsUnavailable(got, questionKey(question));
      return { kind: "tree", paths: got.value };
    }
    case "index":
    case "built_tree":
    case "built_config":
      return askedTooEarly(question.kind);
    case "changes": {
      const got = await vcs.changes(repo, question);
      // An old base that was pushed away is gone for good; a head that is gone shows when the pull request is read.
      const lost = got.kind === "not_found" && question.direct;
      if (got.kind === "rejected" || lost) return { kind: "refused", message: got.message };
      if (got.kind !== "ok") throw new VcsUnavailable(got, questionKey(question));
      return { kind: "changes", changes: got.value };
    }
    default:
      return unreachable(question);
  }
}

/** What a job has found out is known already; whoever comes here asks before one has. */
function askedTooEarly(kind: "index" | "built_tree" | "built_config"): Answer {
  switch (kind) {
    case "index":
      return { kind, index: undefined };
    case "built_tree":
      return { kind, tree: undefined };
    case "built_config":
      return { kind, text: undefined };
    default:
      return unreachable(kind);
  }
}

/** What is not there is an answer; everything else waits. */
function orAbsent<T>(got: VcsResult<T>, question: Question): T | undefined {
  if (got.kind === "ok") return got.value;
  if (got.kind === "not_found") return undefined;
  throw new VcsUnavailable(got, questionKey(question));
}

/** What asking again may mend waits; what it may not, such as a right that the app was not given, is an answer. */
function orRefused(failure: VcsFailure, question: Question): Answer {
  if (failure.kind === "unavailable") throw new VcsUnavailable(failure, questionKey(question));
  return { kind: "refused", message: failure.message };
}

/** `.yml` wins over `.yaml` of the same name; files of both names at once are ambiguous. */
export async function configAt(
  vcs: Judging,
  repo: RepositoryRef,
  commit: CommitSha,
): Promise<ConfigFile> {
  const got = await vcs.readFiles(repo, commit, CONFIG_PATHS, CONFIG_CHARS_MAX);
  if (got.kind !== "ok") throw new VcsUnavailable(got, `config:${commit}`);
  const found: { path: string; text: string }[] = [];
  for (const { path, ...file } of got.value) {
    if (file.kind === "unreadable") return { kind: "unreadable", path, message: file.message };
    found.push({ path, text: file.text });
  }
  const [first, second] = found;
  if (first === undefined) return { kind: "none" };
  const other = found.find((one) => folderOf(one.path) !== folderOf(first.path));
  if (second !== undefined && other !== undefined) {
    return { kind: "ambiguous", paths: [first.path, other.path] };
  }
  return { kind: "found", ...first };
}

/** Those that are there, of the ones that say something about the repository. */
export async function centralFiles(
  vcs: Judging,
  installation: string,
  { id, fullName, commit, name }: Central,
): Promise<readonly CentralFile[]> {
  const paths = centralPaths(name).map(({ path }) => path);
  const got = await vcs.readFiles({ installation, id, fullName }, commit, paths, CONFIG_CHARS_MAX);
  // It was there a minute ago: whoever asks again may find it elsewhere, or not at all.
  if (got.kind !== "ok") throw new VcsUnavailable(got, `central_files:${fullName}@${commit}`);
  return got.value;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
