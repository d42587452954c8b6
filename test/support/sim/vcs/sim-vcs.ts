import type { AccountId, CommitSha } from "../../../../src/core/ids.ts";
import type { PullRequestView } from "../../../../src/core/pull-request.ts";
import type { OpenPullRequest } from "../../../../src/core/reconcile.ts";
import type {
  CheckDraft,
  CommentDraft,
  FileRead,
  MergeRequest,
  OutdatedComment,
  RepositoryRef,
  Vcs,
  VcsFailure,
  VcsResult,
} from "../../../../src/ports/vcs.ts";
import type { Outside } from "../outside.ts";
import type { Forge } from "./forge.ts";
import type { Outages } from "./outages.ts";
import type { Personality } from "./personality.ts";

const ok = <T>(value: T): VcsResult<T> => ({ kind: "ok", value });
const missing = (message: string): VcsFailure => ({ kind: "not_found", message });

/** What one server sees of the forge: late, stale, and sometimes not at all. */
export class SimVcs implements Vcs {
  readonly kind = "sim";
  readonly commentCharsMax: number;
  readonly numberSign: Personality["numberSign"];
  readonly hasStatuses?: true;
  readonly #forge: Forge;
  readonly #outside: Outside;
  readonly #personality: Personality;
  readonly #outages: Outages;

  constructor(forge: Forge, outside: Outside, personality: Personality, outages: Outages) {
    this.#forge = forge;
    this.#outages = outages;
    this.#outside = outside;
    this.#personality = personality;
    this.commentCharsMax = personality.commentCharsMax;
    this.numberSign = personality.numberSign;
    if (personality.hasStatuses === true) this.hasStatuses = true;
  }

  pullRequest(_repo: RepositoryRef, number: number): Promise<VcsResult<PullRequestView>> {
    return this.#read(`pullRequest ${number}`, () => {
      const pull = this.#forge.pulls.get(number);
      if (pull === undefined) return missing("no such pull request");
      const { faults, sim } = this.#outside;
      const isStale = faults.strikes("F3", 0.1);
      const view = isStale
        ? this.#forge.viewAt(number, sim.now - this.#personality.staleMs)
        : this.#forge.view(number);
      if (pull.unknownReads > 0 && faults.isOn("F3")) {
        pull.unknownReads -= 1;
        faults.count("F3");
        return ok({ ...view, mergeable: "unknown" as const });
      }
      return ok(view);
    });
  }

  openPullRequests(): Promise<VcsResult<readonly OpenPullRequest[]>> {
    return this.#read("openPullRequests", () => {
      this.#forge.listed += 1;
      return ok(
        [...this.#forge.pulls.values()]
          .filter((one) => one.state === "open")
          // All were opened after the repository was known.
          .map((one) => ({ number: one.number, head: one.headSha, openedAtMs: Infinity })),
      );
    });
  }

  mergedPullRequests(): Promise<VcsResult<readonly number[]>> {
    return this.#read("mergedPullRequests", () => {
      const merged = [...this.#forge.pulls.values()].filter((one) => one.state === "merged");
      return ok(merged.map((one) => one.number));
    });
  }

  branch(_repo: RepositoryRef, name: string): Promise<VcsResult<CommitSha>> {
    return this.#read("branch", () => {
      const sha = this.#forge.branches.get(name);
      return sha === undefined ? missing("no such branch") : ok(sha);
    });
  }

  tree(_repo: RepositoryRef, commit: CommitSha): Promise<VcsResult<readonly string[]>> {
    return this.#readCommit("tree", commit, () => ok(this.#forge.commits.pathsAt(commit)));
  }

  changes(
    _repo: RepositoryRef,
    range: { readonly base: CommitSha; readonly head: CommitSha; readonly direct: boolean },
  ): ReturnType<Vcs["changes"]> {
    const { base, head, direct } = range;
    return this.#readCommit("changes", head, () =>
      ok(this.#forge.commits.changes(base, head, direct)),
    );
  }

  file(_repo: RepositoryRef, commit: CommitSha, path: string): ReturnType<Vcs["file"]> {
    return this.#readCommit("file", commit, () =>
      ok(this.#forge.commits.filesAt(commit).get(path)),
    );
  }

  readFiles(
    _repo: RepositoryRef,
    commit: CommitSha,
    paths: readonly string[],
  ): Promise<VcsResult<readonly FileRead[]>> {
    return this.#readCommit("readFiles", commit, () => {
      const files = this.#forge.commits.filesAt(commit);
      return ok(
        paths.flatMap((path): FileRead[] => {
          const text = files.get(path);
          return text === undefined ? [] : [{ path, kind: "text", text }];
        }),
      );
    });
  }

  sibling(): ReturnType<Vcs["sibling"]> {
    return this.#read("sibling", () => ok(undefined));
  }

  comment(_repo: RepositoryRef, number: number, id: string): ReturnType<Vcs["comment"]> {
    return this.#read("comment", () => {
      const said = this.#forge.said.get(id);
      if (said?.number !== number) return missing("no such comment");
      return ok({ author: said.author, body: said.body, writtenAt: said.at });
    });
  }

  permission(_repo: RepositoryRef, who: AccountId): ReturnType<Vcs["permission"]> {
    return this.#read("permission", () => ok(this.#forge.permissions.get(who) ?? "none"));
  }

  teamMember(_repo: RepositoryRef, team: string, who: AccountId): ReturnType<Vcs["teamMember"]> {
    return this.#read("teamMember", () => ok(team === "ops" && this.#forge.isInOps(who)));
  }

  checks(_repo: RepositoryRef, commit: CommitSha): ReturnType<Vcs["checks"]> {
    return this.#read("checks", () => ok(this.#forge.checks.get(commit) ?? []));
  }

  openReviews(): ReturnType<Vcs["openReviews"]> {
    return this.#read("openReviews", () => ok([]));
  }

  putComment(
    _repo: RepositoryRef,
    number: number,
    draft: CommentDraft,
  ): Promise<VcsResult<string>> {
    return this.#write<string>("putComment", () => {
      const { comments } = this.#forge;
      this.#forge.shown(number);
      const known = comments.find((one) => one.number === number && one.key === draft.key);
      if (known !== undefined) {
        known.markdown = draft.markdown;
        return ok(known.id);
      }
      const id = this.#forge.newId("comment");
      comments.push({ id, number, key: draft.key, markdown: draft.markdown });
      return ok(id);
    });
  }

  outdateComment(
    _repo: RepositoryRef,
    number: number,
    { key, how }: OutdatedComment,
  ): Promise<VcsResult<void>> {
    return this.#write("outdateComment", () => {
      const { comments } = this.#forge;
      const at = comments.findIndex((one) => one.number === number && one.key === key);
      const comment = comments[at];
      if (comment === undefined) return ok(undefined);
      if (how === "deleted") comments.splice(at, 1);
      else comment.outdated = true;
      return ok(undefined);
    });
  }

  acknowledge(_repo: RepositoryRef, _number: number, comment: string): Promise<VcsResult<void>> {
    return this.#write("acknowledge", () => {
      if (!this.#forge.said.has(comment)) return missing("no such comment");
      this.#forge.acknowledged.add(comment);
      return ok(undefined);
    });
  }

  putCheck(_repo: RepositoryRef, draft: CheckDraft): Promise<VcsResult<string>> {
    return this.#write("putCheck", () => {
      const kind = draft.isStatus === true ? "status " : "";
      const id = `${kind}${draft.name}@${draft.commit}`;
      this.#forge.ownChecks.set(id, draft);
      return ok(id);
    });
  }

  askReviewers(): ReturnType<Vcs["askReviewers"]> {
    return this.#write("askReviewers", () => ok([]));
  }

  putIssues(): Promise<VcsResult<void>> {
    return this.#write("putIssues", () => ok(undefined));
  }

  merge(
    _repo: RepositoryRef,
    number: number,
    request: MergeRequest,
  ): Promise<VcsResult<CommitSha>> {
    return this.#write("merge", () => {
      const pull = this.#forge.pull(number);
      if (pull.mergeSha !== undefined) return ok(pull.mergeSha);
      if (pull.headSha !== request.head || pull.state !== "open") {
        return { kind: "rejected", message: "the head has moved" };
      }
      const sha = this.#forge.automerge(number);
      return sha === undefined ? { kind: "rejected", message: "it conflicts" } : ok(sha);
    });
  }

  deleteBranch(
    _repo: RepositoryRef,
    { name, at }: { readonly name: string; readonly at: CommitSha },
  ): Promise<VcsResult<void>> {
    return this.#write("deleteBranch", () =>
      this.#forge.deleteBranch(name, at)
        ? ok(undefined)
        : { kind: "rejected", message: "the branch has moved" },
    );
  }

  #read<T>(name: string, answer: () => VcsResult<T>): Promise<VcsResult<T>> {
    return this.#outside.call(`vcs.${name}`, "read", answer, true);
  }

  /** A commit that was just pushed is not there yet for everybody. */
  #readCommit<T>(
    name: string,
    commit: CommitSha,
    answer: () => VcsResult<T>,
  ): Promise<VcsResult<T>> {
    return this.#read(name, () => {
      if (!this.#forge.commits.has(commit)) return missing("no such commit");
      if (this.#outages.isAway(commit)) {
        return { kind: "unavailable", message: "502", retryAfterMs: undefined };
      }
      if (this.#outside.faults.strikes("F3", 0.05)) return missing("not there yet");
      return answer();
    });
  }

  #write<T>(name: string, act: () => VcsResult<T>): Promise<VcsResult<T>> {
    const kind = name.startsWith("put") ? "edit" : "write";
    return this.#outside.call(`vcs.${name}`, kind, act, true);
  }
}
