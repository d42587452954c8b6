import { unreachable } from "../base/unreachable.ts";
import {
  type Answer,
  CONFIG_PATHS,
  type ConfigFile,
  isImmutable,
  type Question,
  questionKey,
} from "../core/fact.ts";
import type { CommitSha } from "../core/ids.ts";
import type { StoredPullRequest } from "../ports/engine-store.ts";
import type { RepositoryRef, Vcs, VcsFailure } from "../ports/vcs.ts";

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
}

/** Looks one question up at the VCS. */
export async function answer(
  vcs: Vcs,
  pullRequest: StoredPullRequest,
  question: Question,
): Promise<Answered> {
  const value = await lookUp(vcs, pullRequest, question);
  // What cannot be read today may be readable tomorrow: only what was read is known for ever.
  const failed =
    value.kind === "refused" || (value.kind === "config" && value.file.kind === "unreadable");
  const immutable = isImmutable(question) && !failed;
  return { key: questionKey(question), answer: value, immutable };
}

async function lookUp(
  vcs: Vcs,
  pullRequest: StoredPullRequest,
  question: Question,
): Promise<Answer> {
  const repo = pullRequest.repository.ref;
  switch (question.kind) {
    case "pull_request": {
      const got = await vcs.pullRequest(repo, pullRequest.number);
      if (got.kind === "not_found") return { kind: "pull_request", view: undefined };
      if (got.kind !== "ok") throw new VcsUnavailable(got, "pull_request");
      return { kind: "pull_request", view: got.value };
    }
    case "permission": {
      const got = await vcs.permission(repo, question.account);
      // Nobody the VCS does not know has any right (fail closed).
      if (got.kind === "not_found") return { kind: "permission", permission: "none" };
      if (got.kind !== "ok") throw new VcsUnavailable(got, questionKey(question));
      return { kind: "permission", permission: got.value };
    }
    case "config":
      return { kind: "config", file: await configAt(vcs, repo, question.commit) };
    case "tree": {
      const got = await vcs.tree(repo, question.commit);
      if (got.kind === "rejected") return { kind: "refused", message: got.message };
      if (got.kind !== "ok") throw new VcsUnavailable(got, questionKey(question));
      return { kind: "tree", paths: got.value };
    }
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

/** `.yml` wins over `.yaml` of the same name; files of both names at once are ambiguous. */
async function configAt(vcs: Vcs, repo: RepositoryRef, commit: CommitSha): Promise<ConfigFile> {
  const found: { path: string; text: string }[] = [];
  for (const path of CONFIG_PATHS) {
    const got = await vcs.file(repo, commit, path, CONFIG_CHARS_MAX);
    if (got.kind === "rejected") return { kind: "unreadable", path, message: got.message };
    if (got.kind !== "ok") throw new VcsUnavailable(got, `config:${commit}`);
    if (got.value !== undefined) found.push({ path, text: got.value });
  }
  const [first, second] = found;
  if (first === undefined) return { kind: "none" };
  const other = found.find((one) => folderOf(one.path) !== folderOf(first.path));
  if (second !== undefined && other !== undefined) {
    return { kind: "ambiguous", paths: [first.path, other.path] };
  }
  return { kind: "found", ...first };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
