import { truncateMiddle } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { CheckDraft, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GitlabClient, type GitlabResult, ok, projectPath } from "./client.ts";
import { readMergeRequest } from "./merge-request.ts";
import { type StatusData, statusListSchema, statusSchema } from "./schema.ts";

const DESCRIPTION_CHARS_MAX = 255;
/** Merge requests whose branch is remembered, so that a status needs no second call. */
const BRANCHES_MAX = 5_000;

type State = "pending" | "running" | "success" | "failed" | "canceled";

/** Puts commit statuses; each is a job of an external pipeline, with the rules of jobs for its moves. */
export class StatusWriter {
  readonly #client: GitlabClient;
  /** `<project> <number>` → the name under which the commit is a branch; it never changes. */
  readonly #refs = new Map<string, string>();

  constructor(client: GitlabClient) {
    this.#client = client;
  }

  /** Moves our status of that name on that commit, or makes one. */
  async put(repo: RepositoryRef, draft: CheckDraft): Promise<VcsResult<string>> {
    const ref = await this.#refOf(repo, draft.number);
    if (ref.kind !== "ok") return ref;
    const state = stateOf(draft);
    const made = await this.#post(repo, draft, state, ref.value);
    if (made.kind !== "rejected" || made.status !== 400) return result(made);
    const standing = await this.#standing(repo, draft);
    if (standing.kind !== "ok") return standing;
    const { value: now } = standing;
    // What runs cannot wait again, but another one of its name can.
    if (now?.status === "running" && state === "pending") {
      const ended = await this.#post(repo, draft, "canceled", ref.value);
      return ended.kind === "ok"
        ? result(await this.#post(repo, draft, state, ref.value))
        : result(ended);
    }
    // "Cannot transition status via :run from :running": it is there already.
    return now?.status === state ? ok(now.id) : result(made);
  }

  async #post(
    repo: RepositoryRef,
    draft: CheckDraft,
    state: State,
    ref: string | undefined,
  ): Promise<GitlabResult<StatusData>> {
    const body = {
      state,
      name: draft.name,
      description: truncateMiddle(draft.title, DESCRIPTION_CHARS_MAX),
      ...(draft.detailsUrl === undefined ? {} : { target_url: draft.detailsUrl }),
      ...(ref === undefined ? {} : { ref }),
    };
    const path = projectPath(repo, `/statuses/${draft.commit}`);
    return await this.#client.call({ method: "POST", path, body }, statusSchema);
  }

  async #standing(
    repo: RepositoryRef,
    draft: CheckDraft,
  ): Promise<GitlabResult<StatusData | undefined>> {
    const self = await this.#client.self();
    if (self.kind !== "ok") return self;
    const list = await this.#client.pages(
      {
        method: "GET",
        path: projectPath(repo, `/repository/commits/${draft.commit}/statuses`),
        query: { name: draft.name },
      },
      statusListSchema,
    );
    if (list.kind !== "ok") return list;
    const ours = list.value.filter(({ author }) => author?.id === self.value);
    return ok(ours.toSorted((a, b) => Number(BigInt(b.id) - BigInt(a.id)))[0]);
  }

  /**
   * Without a branch GitLab takes any that has the commit. That of a fork is no branch here: its pipeline carries the name
   * that GitLab itself gives to the head of the merge request.
   */
  async #refOf(repo: RepositoryRef, number: number): Promise<VcsResult<string | undefined>> {
    const key = `${repo.id} ${number}`;
    const known = this.#refs.get(key);
    if (known !== undefined) return ok(known);
    const read = await readMergeRequest(this.#client, repo, number);
    if (read.kind === "not_found") return ok(undefined);
    if (read.kind !== "ok") return read;
    const { source_branch: branch, source_project_id: from, target_project_id: to } = read.value;
    const ref = from === to ? branch : `refs/merge-requests/${number}/head`;
    if (this.#refs.size >= BRANCHES_MAX) this.#refs.clear();
    this.#refs.set(key, ref);
    return ok(ref);
  }
}

function result(made: GitlabResult<StatusData>): VcsResult<string> {
  return made.kind === "ok" ? ok(made.value.id) : made;
}

/** Neutral has no state of its own; what waits for a person holds the merge back. */
function stateOf({ status, conclusion = "neutral" }: CheckDraft): State {
  if (status !== "completed") return status === "queued" ? "pending" : "running";
  switch (conclusion) {
    case "success":
    case "neutral":
      return "success";
    case "failure":
    case "action_required":
      return "failed";
    case "cancelled":
      return "canceled";
    default:
      return unreachable(conclusion);
  }
}
