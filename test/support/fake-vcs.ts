import type { AccountId, CommitSha } from "../../src/core/ids.ts";
import type {
  CommitCheck,
  FileChange,
  Permission,
  PullRequestView,
  SaidComment,
} from "../../src/core/pull-request.ts";
import type { OpenPullRequest } from "../../src/core/reconcile.ts";
import type { LeftIssue } from "../../src/core/run/issue.ts";
import type { InstallationState } from "../../src/core/standing.ts";
import type { Ci, CiJob, CiStart, CiStatus, Identified } from "../../src/ports/ci.ts";
import type { RepositoryStanding } from "../../src/ports/standing-store.ts";
import type {
  CheckDraft,
  CommentDraft,
  FileRead,
  MergeRequest,
  OutdatedComment,
  RepositoryRef,
  ReviewersWanted,
  Sibling,
  UnaskedReviewer,
  Vcs,
  VcsResult,
} from "../../src/ports/vcs.ts";

const ok = <T>(value: T): VcsResult<T> => ({ kind: "ok", value });

/** A VCS that answers from fields a test sets; the adapters have their own conformance suite. */
export class FakeVcs implements Vcs {
  readonly kind = "fake";
  readonly commentCharsMax = 65_536;
  readonly numberSign = "#";
  readonly views = new Map<number, PullRequestView>();
  readonly branches = new Map<string, CommitSha>();
  files: readonly string[] = [];
  config: string | undefined;
  /** Set to give the owner a central repository. */
  centralCommit: CommitSha | undefined;
  centralFiles: Readonly<Record<string, string>> = {};
  changed = new Map<number, readonly FileChange[]>();
  baseChanges: readonly FileChange[] = [];
  permissions = new Map<AccountId, Permission>();
  /** `team:account`. */
  readonly teams = new Set<string>();
  commitChecks: readonly CommitCheck[] = [];
  waitingReviews: readonly string[] = [];
  /** What people said, by the comment's id; ours are `comments`. */
  readonly said = new Map<string, SaidComment & { readonly number: number }>();
  readonly comments = new Map<string, string>();
  /** Those of ours that are hidden. */
  readonly outdated = new Set<string>();
  readonly ownChecks = new Map<string, CheckDraft>();
  readonly issues: LeftIssue[] = [];
  /** Of whom a review was asked. */
  readonly asked: string[] = [];
  /** Logins of whom no review can be asked. */
  readonly strangers = new Set<string>();
  readonly calls: string[] = [];
  /** Of the installation that is asked about, by its own id; active where nothing is said. */
  readonly states = new Map<string, InstallationState>();
  /** Of the repository that is asked about. */
  stands: Partial<Extract<RepositoryStanding, { kind: "here" }>> | "gone" = {};
  /** It answers so many questions more, and then none until `down` is set. */
  answersLeft = Number.POSITIVE_INFINITY;
  #down = false;

  /** Set to have every call fail for now. */
  get down(): boolean {
    if (this.#down || this.answersLeft <= 0) return true;
    this.answersLeft -= 1;
    return false;
  }

  set down(down: boolean) {
    this.#down = down;
    this.answersLeft = Number.POSITIVE_INFINITY;
  }

  async installationState(installation: string): Promise<VcsResult<InstallationState>> {
    return this.down ? this.#away() : ok(this.states.get(installation) ?? "active");
  }

  async repositoryStanding(repo: RepositoryRef): Promise<VcsResult<RepositoryStanding>> {
    if (this.down) return this.#away();
    if (this.stands === "gone") return ok({ kind: "gone" });
    const { installation, fullName } = repo;
    const told = { installation, fullName, defaultBranch: "main", archived: false };
    return ok({ kind: "here", ...told, ...this.stands });
  }

  async pullRequest(_repo: unknown, number: number): Promise<VcsResult<PullRequestView>> {
    if (this.down) return this.#away();
    const view = this.views.get(number);
    return view === undefined ? { kind: "not_found", message: "no such pull request" } : ok(view);
  }

  async openPullRequests(): Promise<VcsResult<readonly OpenPullRequest[]>> {
    if (this.down) return this.#away();
    const open = [...this.views.values()].filter((view) => view.state === "open");
    return ok(
      open.map(({ number, headSha }) => ({ number, head: headSha, openedAtMs: Date.now() })),
    );
  }

  async branch(_repo: unknown, name: string): Promise<VcsResult<CommitSha>> {
    if (this.down) return this.#away();
    const commit = this.branches.get(name);
    return commit === undefined ? { kind: "not_found", message: "no such branch" } : ok(commit);
  }

  async tree(_repo: unknown, _commit: CommitSha): Promise<VcsResult<readonly string[]>> {
    return this.down ? this.#away() : ok(this.files);
  }

  async changes(
    _repo: unknown,
    range: { readonly head: CommitSha; readonly direct: boolean },
  ): Promise<VcsResult<readonly FileChange[]>> {
    if (this.down) return this.#away();
    if (range.direct) return ok(this.baseChanges);
    const view = [...this.views.values()].find((one) => one.headSha === range.head);
    return ok(view === undefined ? [] : (this.changed.get(view.number) ?? []));
  }

  async file(
    _repo: unknown,
    _commit: CommitSha,
    path: string,
  ): Promise<VcsResult<string | undefined>> {
    if (this.down) return this.#away();
    return ok(path === ".terrane/config.yml" ? this.config : undefined);
  }

  async readFiles(
    repo: RepositoryRef,
    _commit: CommitSha,
    paths: readonly string[],
  ): Promise<VcsResult<readonly FileRead[]>> {
    if (this.down) return this.#away();
    const texts: Readonly<Record<string, string>> =
      repo.id === "central" ? this.centralFiles : this.#own();
    return ok(
      paths.flatMap((path): FileRead[] => {
        const text = texts[path];
        return text === undefined ? [] : [{ path, kind: "text", text }];
      }),
    );
  }

  #own(): Readonly<Record<string, string>> {
    return this.config === undefined ? {} : { ".terrane/config.yml": this.config };
  }

  async sibling(repo: RepositoryRef): Promise<VcsResult<Sibling | undefined>> {
    if (this.down) return this.#away();
    this.calls.push("sibling");
    if (this.centralCommit === undefined) return ok(undefined);
    const ref = { installation: repo.installation, id: "central", fullName: "acme/terrane" };
    return ok({ ref, commit: this.centralCommit });
  }

  async comment(_repo: unknown, number: number, id: string): Promise<VcsResult<SaidComment>> {
    if (this.down) return this.#away();
    this.calls.push("comment");
    const found = this.said.get(id);
    if (found?.number !== number) return { kind: "not_found", message: "no such comment" };
    return ok({ author: found.author, body: found.body });
  }

  async permission(_repo: unknown, account: AccountId): Promise<VcsResult<Permission>> {
    return ok(this.permissions.get(account) ?? "write");
  }

  async teamMember(_repo: unknown, team: string, account: AccountId): Promise<VcsResult<boolean>> {
    return this.down ? this.#away() : ok(this.teams.has(`${team}:${account}`));
  }

  async checks(): Promise<VcsResult<readonly CommitCheck[]>> {
    return this.down ? this.#away() : ok(this.commitChecks);
  }

  async openReviews(): Promise<VcsResult<readonly string[]>> {
    return this.down ? this.#away() : ok(this.waitingReviews);
  }

  async putComment(
    _repo: unknown,
    number: number,
    draft: CommentDraft,
  ): Promise<VcsResult<string>> {
    if (this.down) return this.#away();
    this.calls.push("putComment");
    const id = `${number}:${draft.key}`;
    this.comments.set(id, draft.markdown);
    return ok(id);
  }

  async outdateComment(
    _repo: unknown,
    number: number,
    { key, how }: OutdatedComment,
  ): Promise<VcsResult<void>> {
    if (this.down) return this.#away();
    this.calls.push("outdateComment");
    const id = `${number}:${key}`;
    if (how === "deleted") this.comments.delete(id);
    else if (this.comments.has(id)) this.outdated.add(id);
    return ok(undefined);
  }

  async acknowledge(): Promise<VcsResult<void>> {
    this.calls.push("acknowledge");
    return ok(undefined);
  }

  async putCheck(_repo: unknown, draft: CheckDraft): Promise<VcsResult<string>> {
    if (this.down) return this.#away();
    this.calls.push("putCheck");
    const id = `${draft.name}:${draft.commit}`;
    this.ownChecks.set(id, draft);
    return ok(id);
  }

  async askReviewers(
    _repo: unknown,
    _number: number,
    { users, teams }: ReviewersWanted,
  ): Promise<VcsResult<readonly UnaskedReviewer[]>> {
    if (this.down) return this.#away();
    this.asked.push(...users.map((one) => `user:${one}`), ...teams.map((one) => `team:${one}`));
    const nobody = users.filter((login) => this.strangers.has(login));
    return ok(nobody.map((one) => ({ name: `user:${one}`, message: "is no collaborator" })));
  }

  async putIssues(_repo: unknown, issues: readonly LeftIssue[]): Promise<VcsResult<void>> {
    if (this.down) return this.#away();
    this.calls.push("putIssues");
    this.issues.push(...issues);
    return ok(undefined);
  }

  /** What it answers to the next merges; after that they succeed. */
  mergeAnswers: VcsResult<CommitSha>[] = [];
  readonly merges: MergeRequest[] = [];
  readonly deletedBranches: string[] = [];

  /** What it answers to the next wishes for the merge queue; after that they succeed. */
  enqueueAnswers: VcsResult<void>[] = [];
  readonly enqueued: CommitSha[] = [];

  async enqueue(_repo: unknown, _number: number, head: CommitSha): Promise<VcsResult<void>> {
    this.enqueued.push(head);
    return this.enqueueAnswers.shift() ?? ok(undefined);
  }

  async merge(_repo: unknown, _number: number, request: MergeRequest) {
    this.merges.push(request);
    return this.mergeAnswers.shift() ?? ok(request.head);
  }

  async deleteBranch(_repo: unknown, { name }: { readonly name: string }) {
    this.deletedBranches.push(name);
    return ok(undefined);
  }

  async readToken({ id }: RepositoryRef): Promise<VcsResult<string>> {
    return this.down ? this.#away() : ok(`read-${id}`);
  }

  #away<T>(): VcsResult<T> {
    return { kind: "unavailable", message: "down for a test", retryAfterMs: undefined };
  }
}

/** A CI system whose jobs do nothing; the test plays the runner. */
export class FakeCi implements Ci {
  readonly kind = "fake";
  readonly files = ["ci.yml"];
  deliversCodes = false;
  readonly started: CiJob[] = [];
  readonly cancelled: string[] = [];
  statuses = new Map<string, CiStatus>();
  answer: (job: CiJob) => CiStart = (job) => ({
    kind: "started",
    ciRun: `ci-${job.attempt}`,
    url: undefined,
  });

  async start(job: CiJob): Promise<CiStart> {
    const answer = this.answer(job);
    if (answer.kind === "started") this.started.push(job);
    return answer;
  }

  async cancel(_repo: unknown, attempt: string): Promise<void> {
    this.cancelled.push(attempt);
  }

  async status(_repo: unknown, attempt: string): Promise<CiStatus> {
    return this.statuses.get(attempt) ?? { kind: "running" };
  }

  /** The token is `<repository id>/<ci run>/<token id>`. */
  async identify(token: string): Promise<Identified> {
    const [repositoryId = "", ciRun = "", tokenId = ""] = token.split("/");
    if (tokenId === "") return { kind: "refused", because: "no token" };
    const identity = {
      issuer: "fake",
      repositoryId,
      ciRun,
      ciRunAttempt: 1,
      workflowSha: undefined,
      tokenId,
      expiresAtMs: 4_102_444_800_000,
    };
    return { kind: "ok", identity };
  }
}
