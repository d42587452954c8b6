import { present } from "../../../../src/base/assert.ts";
import type { Instant } from "../../../../src/base/brand.ts";
import type { Account, AccountId, CommitSha } from "../../../../src/core/ids.ts";
import {
  allows,
  type CommitCheck,
  type Permission,
  type PullRequestView,
  type Review,
} from "../../../../src/core/pull-request.ts";
import type { VcsHappening } from "../../../../src/core/vcs-event.ts";
import type { CheckDraft, RepositoryRef } from "../../../../src/ports/vcs.ts";
import { Commits } from "./commits.ts";

export const REPOSITORY: RepositoryRef = {
  installation: "installation-1",
  id: "repository-1",
  fullName: "acme/infra",
};
export const DEFAULT_BRANCH = "main";

export interface Said {
  readonly id: string;
  readonly number: number;
  readonly author: Account;
  readonly body: string;
  readonly at: Instant;
}

interface Pull {
  readonly number: number;
  readonly author: Account;
  readonly headRef: string;
  readonly fromFork: boolean;
  baseRef: string;
  headSha: CommitSha;
  state: PullRequestView["state"];
  draft: boolean;
  mergeSha: CommitSha | undefined;
  reviews: readonly Review[];
  /** What the forge said of it, and since when, newest last: a stale read answers from here. */
  readonly past: { readonly at: number; readonly view: PullRequestView }[];
  /** Reads until mergeability is known. */
  unknownReads: number;
}

export function account(login: string): Account {
  return { id: `id-${login}` as AccountId, login };
}

export interface Words {
  readonly number: number;
  readonly by: AccountId;
  readonly text: string;
}

interface OwnComment {
  readonly id: string;
  readonly number: number;
  readonly key: string;
  markdown: string;
  outdated?: true;
}

/** The forge as it is: commits, branches, pull requests, people. Everything told about it may be late or wrong. */
export class Forge {
  readonly commits = new Commits();
  readonly branches = new Map<string, CommitSha>();
  readonly pulls = new Map<number, Pull>();
  readonly said = new Map<string, Said>();
  /** Also of those that were deleted since. */
  readonly saidAt = new Map<string, Instant>();
  /** Everything that anybody ever said by themselves, also what was edited or deleted since. */
  readonly words: Words[] = [];
  /** `number|commit`: what somebody who may write has approved, also where that was taken back. */
  readonly trusted = new Set<string>();
  readonly permissions = new Map<AccountId, Permission>();
  /** Who came into the team `ops`, or left it, and when; the last one counts. */
  readonly ops = new Map<AccountId, { readonly at: number; readonly isIn: boolean }[]>();
  readonly checks = new Map<CommitSha, readonly CommitCheck[]>();
  /** Ours: by pull request, in the order of creation. */
  readonly comments: OwnComment[] = [];
  readonly ownChecks = new Map<string, CheckDraft>();
  readonly acknowledged = new Set<string>();
  /** A label: people rename repositories. */
  fullName = REPOSITORY.fullName;
  /** Merges that we asked for, with the directories that they bring code for. */
  readonly automerged: {
    readonly number: number;
    readonly head: CommitSha;
    readonly dirs: readonly string[];
  }[] = [];
  /** How often a list of the open pull requests was given. */
  listed = 0;
  /** Whoever looks at a pull request sees that its comment is another one. */
  shown: (number: number) => void = () => {};
  readonly #now: () => number;
  readonly #emit: (what: VcsHappening) => void;
  #ids = 0;

  constructor(
    files: ReadonlyMap<string, string>,
    now: () => number,
    emit: (what: VcsHappening) => void,
  ) {
    this.#now = now;
    this.#emit = emit;
    this.branches.set(DEFAULT_BRANCH, this.commits.add([], files));
  }

  newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}-${this.#ids}`;
  }

  branch(name: string): CommitSha {
    return present(this.branches.get(name), `branch ${name}`);
  }

  pull(number: number): Pull {
    return present(this.pulls.get(number), `pull request ${number}`);
  }

  open(
    author: Account,
    files: Readonly<Record<string, string | undefined>>,
    { draft, fromFork }: { readonly draft: boolean; readonly fromFork: boolean },
  ): number {
    const number = this.pulls.size + 1;
    const headSha = this.commits.change(this.branch(DEFAULT_BRANCH), files);
    const headRef = `feature-${number}`;
    if (!fromFork) this.branches.set(headRef, headSha);
    this.pulls.set(number, {
      number,
      author,
      headRef,
      fromFork,
      baseRef: DEFAULT_BRANCH,
      headSha,
      state: "open",
      draft,
      mergeSha: undefined,
      reviews: [],
      past: [],
      unknownReads: 0,
    });
    this.changed(number, "opened");
    return number;
  }

  push(number: number, sha: CommitSha): void {
    const pull = this.pull(number);
    pull.headSha = sha;
    if (!pull.fromFork) this.branches.set(pull.headRef, sha);
    this.changed(number, "pushed");
  }

  /** Somebody pushes to a branch that others want to merge into. */
  pushBase(branch: string, sha: CommitSha): void {
    this.branches.set(branch, sha);
    for (const pull of this.pulls.values()) this.#remember(pull);
    this.#emit({ kind: "branch_pushed", branch, after: sha });
  }

  merge(number: number): CommitSha | undefined {
    const pull = this.pull(number);
    if (pull.state !== "open") return pull.mergeSha;
    const base = this.branch(pull.baseRef);
    const merged = this.commits.merged(base, pull.headSha);
    if (merged.conflict) return undefined;
    const sha = this.commits.add([base, pull.headSha], merged.files);
    pull.state = "merged";
    pull.mergeSha = sha;
    this.pushBase(pull.baseRef, sha);
    this.changed(number, "closed");
    return sha;
  }

  automerge(number: number): CommitSha | undefined {
    const { headSha: head, baseRef } = this.pull(number);
    const base = this.branch(baseRef);
    const sha = this.merge(number);
    if (sha === undefined) return undefined;
    const brought = this.commits
      .changes(base, head, false)
      .flatMap((change) => (change.kind === "renamed" ? [change.to] : [change.path]));
    const there = new Set(this.commits.pathsAt(head));
    const code = brought.filter((path) => path.endsWith("/main.tf") && there.has(path));
    const dirs = code.map((path) => path.slice(0, path.lastIndexOf("/")));
    this.automerged.push({ number, head, dirs });
    return sha;
  }

  deleteBranch(name: string, at: CommitSha): boolean {
    const now = this.branches.get(name);
    if (now === undefined) return true;
    if (name === DEFAULT_BRANCH || now !== at) return false;
    this.branches.delete(name);
    return true;
  }

  setState(number: number, state: "open" | "closed"): void {
    const pull = this.pull(number);
    if (pull.state === "merged" || pull.state === state) return;
    pull.state = state;
    this.changed(number, state === "open" ? "reopened" : "closed");
  }

  review(number: number, review: Review | { readonly dismiss: Account }): void {
    const pull = this.pull(number);
    const who = "dismiss" in review ? review.dismiss : review.reviewer;
    const others = pull.reviews.filter((one) => one.reviewer.id !== who.id);
    pull.reviews = "dismiss" in review ? others : [...others, review];
    if ("verdict" in review && review.verdict === "approved") this.#noteTrust(pull, review);
    this.#remember(pull);
    this.#emit({ kind: "review", number });
  }

  #noteTrust(pull: Readonly<Pull>, { reviewer, commit }: Review): void {
    const permission = this.permissions.get(reviewer.id) ?? "none";
    if (reviewer.id === pull.author.id || !allows(permission, "write")) return;
    this.trusted.add(`${pull.number}|${commit}`);
  }

  isInOps(who: AccountId): boolean {
    return this.ops.get(who)?.at(-1)?.isIn === true;
  }

  moveInOps(who: AccountId, isIn: boolean): void {
    this.ops.set(who, [...(this.ops.get(who) ?? []), { at: this.#now(), isIn }]);
  }

  say(number: number, author: Account, body: string): Said {
    const at = this.#now() as Instant;
    const said = { id: this.newId("said"), number, author, body, at };
    this.said.set(said.id, said);
    this.saidAt.set(said.id, at);
    this.words.push({ number, by: author.id, text: body });
    this.#emit({ kind: "comment", number, commentId: said.id, author, body });
    return said;
  }

  changed(
    number: number,
    action: "opened" | "pushed" | "reopened" | "closed" | "ready" | "draft" | "edited",
  ): void {
    const pull = this.pull(number);
    if (action === "pushed" || action === "opened") pull.unknownReads = 3;
    this.#remember(pull);
    this.#emit({ kind: "pull_request", number, action });
  }

  #remember(pull: Pull): void {
    pull.past.push({ at: this.#now(), view: this.#view(pull) });
  }

  /** As it is now. */
  view(number: number): PullRequestView {
    const pull = this.pull(number);
    return present(pull.past.at(-1), "a pull request has a past").view;
  }

  /** As it was at a moment. */
  viewAt(number: number, at: number): PullRequestView {
    const { past } = this.pull(number);
    const then = past.findLast((one) => one.at <= at) ?? past[0];
    return present(then, "a pull request has a past").view;
  }

  /** Everything that was true of it at some moment between these. */
  viewsBetween(number: number, from: number, to: number): readonly PullRequestView[] {
    const during = this.pull(number).past.filter((one) => one.at > from && one.at <= to);
    return [this.viewAt(number, from), ...during.map((one) => one.view)];
  }

  firstTimeOf(number: number, view: PullRequestView): number {
    const text = JSON.stringify(view);
    return this.pull(number).past.findIndex((one) => JSON.stringify(one.view) === text);
  }

  lastTimeOf(number: number, view: PullRequestView): number {
    const text = JSON.stringify(view);
    return this.pull(number).past.findLastIndex((one) => JSON.stringify(one.view) === text);
  }

  #view(pull: Pull): PullRequestView {
    const base = this.branch(pull.baseRef);
    const open = pull.state === "open";
    const conflict = open && this.commits.merged(base, pull.headSha).conflict;
    return {
      number: pull.number,
      title: `Change ${pull.number}`,
      author: pull.author,
      state: pull.state,
      draft: pull.draft,
      fromFork: pull.fromFork,
      headRef: pull.headRef,
      headSha: pull.headSha,
      baseRef: pull.baseRef,
      baseSha: base,
      defaultBranch: DEFAULT_BRANCH,
      defaultBranchSha: this.branch(DEFAULT_BRANCH),
      mergeable: conflict ? "conflict" : "clean",
      mergeSha: pull.mergeSha,
      reviews: pull.reviews,
      url: undefined,
    };
  }
}
