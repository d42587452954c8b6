import { truncateMiddle } from "../../base/text.ts";
import type { Annotation } from "../../core/annotation.ts";
import type { CheckDraft, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { ACTIONS, externalIdOf } from "./buttons.ts";
import { type GithubClient, of, ok, type Parameters, repositoryPath } from "./client.ts";
import type { Looked } from "./looked.ts";
import { checkRunListSchema, checkRunSchema } from "./schema.ts";

const SUMMARY_CHARS_MAX = 65_535;
const TITLE_CHARS_MAX = 255;

/** Updates our check of that name on that commit, or creates it. */
export async function putCheck(
  client: GithubClient,
  looked: Looked,
  appId: number,
  repo: RepositoryRef,
  draft: CheckDraft,
): Promise<VcsResult<string>> {
  if (draft.externalId !== undefined) {
    const updated = await update(client, repo, draft.externalId, draft);
    if (updated.kind !== "not_found") return updated;
  }
  if (looked.hadNoCheck(repo, draft.commit, draft.firstSince)) {
    return await create(client, repo, draft);
  }
  const found = await find(client, appId, repo, draft);
  if (found.kind !== "ok") return found;
  if (found.value !== undefined) return await update(client, repo, found.value, draft);
  return await create(client, repo, draft);
}

async function create(
  client: GithubClient,
  repo: RepositoryRef,
  draft: CheckDraft,
): Promise<VcsResult<string>> {
  const route = `POST ${repositoryPath("/check-runs")}`;
  const made = await client.call(
    repo,
    route,
    { ...of(repo), head_sha: draft.commit, ...content(draft) },
    checkRunSchema,
  );
  return made.kind === "ok" ? ok(made.value.id) : made;
}

/** A check that is over may refuse to start again: then it gets a successor of the same name. */
async function update(
  client: GithubClient,
  repo: RepositoryRef,
  id: string,
  draft: CheckDraft,
): Promise<VcsResult<string>> {
  const route = `PATCH ${repositoryPath("/check-runs/{check_run_id}")}`;
  const updated = await client.call(
    repo,
    route,
    { ...of(repo), check_run_id: id, ...content(draft) },
    checkRunSchema,
  );
  if (updated.kind !== "ok") return updated;
  const restarted = draft.status === "completed" || updated.value.status !== "completed";
  return restarted ? ok(updated.value.id) : await create(client, repo, draft);
}

function content(draft: CheckDraft): Parameters {
  const over = draft.status === "completed";
  return {
    name: draft.name,
    external_id: externalIdOf(draft.number),
    status: draft.status,
    actions: draft.buttons.map((button) => ACTIONS[button]),
    ...(over ? { conclusion: draft.conclusion ?? "neutral" } : {}),
    ...(draft.detailsUrl === undefined ? {} : { details_url: draft.detailsUrl }),
    output: {
      title: truncateMiddle(draft.title, TITLE_CHARS_MAX),
      summary: truncateMiddle(draft.summary, SUMMARY_CHARS_MAX),
      ...(draft.annotations === undefined || draft.annotations.length === 0
        ? {}
        : { annotations: draft.annotations.map(annotation) }),
    },
  };
}

function annotation({ path, line, level, title, message }: Annotation): Parameters {
  return { path, start_line: line, end_line: line, annotation_level: level, title, message };
}

/** The newest of ours: other apps may have checks of the same name. */
async function find(
  client: GithubClient,
  appId: number,
  repo: RepositoryRef,
  draft: CheckDraft,
): Promise<VcsResult<string | undefined>> {
  const route = `GET ${repositoryPath("/commits/{ref}/check-runs")}`;
  const wanted = {
    ...of(repo),
    ref: draft.commit,
    check_name: draft.name,
    app_id: appId,
    filter: "latest",
  };
  const list = await client.call(repo, route, wanted, checkRunListSchema);
  // A commit that GitHub does not know has no checks; creating one says what is wrong.
  if (list.kind === "rejected") return ok(undefined);
  if (list.kind !== "ok") return list;
  return ok(list.value.check_runs.find((check) => check.app?.id === String(appId))?.id);
}
