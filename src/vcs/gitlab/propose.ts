import { unreachable } from "../../base/unreachable.ts";
import type { CommitSha } from "../../core/ids.ts";
import {
  type FileProposal,
  isProposal,
  type Proposed,
  proposalMessage,
} from "../../ports/proposal.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { readChanges } from "./changes.ts";
import { type GitlabClient, ok, projectPath } from "./client.ts";
import type { FileReader } from "./file.ts";
import { readBranch } from "./project.ts";
import { commitSchema, openedListSchema, openedSchema } from "./schema.ts";

const FILE_CHARS_MAX = 1_000_000;

interface Action {
  readonly action: "create" | "update";
  readonly file_path: string;
  readonly content: string;
}

export async function proposeFiles(
  client: GitlabClient,
  files: FileReader,
  repo: RepositoryRef,
  proposal: FileProposal,
): Promise<VcsResult<Proposed>> {
  const branch = await putBranch(client, files, repo, proposal);
  if (branch.kind !== "ok") return branch;
  if (branch.value === "nothing_to_change") return ok({ kind: "nothing_to_change" });
  return await putMergeRequest(client, repo, proposal, branch.value);
}

/** What became of our branch: it is up to date, or somebody else's commits are on it and stay. */
type Branch = "nothing_to_change" | "ours" | "theirs";

async function putBranch(
  client: GitlabClient,
  files: FileReader,
  repo: RepositoryRef,
  proposal: FileProposal,
): Promise<VcsResult<Branch>> {
  const { base, branch, title } = proposal;
  const onto = await readBranch(client, repo, base);
  if (onto.kind !== "ok") return onto;
  const actions = await actionsOn(files, repo, onto.value, proposal);
  if (actions.kind !== "ok") return actions;
  if (actions.value.length === 0) return ok("nothing_to_change");
  const there = await readBranch(client, repo, branch);
  if (there.kind === "ok") {
    const range = { onto: onto.value, head: there.value };
    const standing = await judge(client, files, repo, range, proposal, actions.value);
    if (standing.kind !== "ok") return standing;
    if (standing.value !== "outdated") return ok(standing.value);
  } else if (there.kind !== "not_found") return there;
  const put = await client.ask({
    method: "POST",
    path: projectPath(repo, "/repository/commits"),
    body: {
      branch,
      start_sha: onto.value,
      // What is there is ours, and old.
      force: there.kind === "ok",
      commit_message: proposalMessage(title),
      actions: actions.value,
    },
  });
  return put.kind === "ok" ? ok("ours") : put;
}

/** What makes of a commit one with these files; files that are so already are left out. */
async function actionsOn(
  files: FileReader,
  repo: RepositoryRef,
  commit: CommitSha,
  proposal: FileProposal,
): Promise<VcsResult<readonly Action[]>> {
  const actions: Action[] = [];
  for (const { path, text } of proposal.files) {
    const read = await files.read(repo, commit, path, FILE_CHARS_MAX);
    if (read.kind !== "ok" && read.kind !== "rejected") return read;
    const now = read.kind === "ok" ? read.value : "";
    if (now === text) continue;
    const action = now === undefined ? "create" : "update";
    actions.push({ action, file_path: path, content: text });
  }
  return ok(actions);
}

async function judge(
  client: GitlabClient,
  files: FileReader,
  repo: RepositoryRef,
  { onto, head }: { readonly onto: CommitSha; readonly head: CommitSha },
  proposal: FileProposal,
  actions: readonly Action[],
): Promise<VcsResult<"ours" | "theirs" | "outdated">> {
  const path = projectPath(repo, `/repository/commits/${head}`);
  const commit = await client.call({ method: "GET", path }, commitSchema);
  if (commit.kind !== "ok") return commit;
  if (!isProposal(commit.value.message ?? "")) return ok("theirs");
  if (commit.value.parent_ids?.[0] !== onto) return ok("outdated");
  const changes = await readChanges(client, repo, { base: onto, head, direct: true });
  if (changes.kind !== "ok") return changes;
  if (changes.value.length !== actions.length) return ok("outdated");
  const missing = await actionsOn(files, repo, head, proposal);
  if (missing.kind !== "ok") return missing;
  return ok(missing.value.length === 0 ? "ours" : "outdated");
}

async function putMergeRequest(
  client: GitlabClient,
  repo: RepositoryRef,
  proposal: FileProposal,
  branch: Exclude<Branch, "nothing_to_change">,
): Promise<VcsResult<Proposed>> {
  const found = await findOpen(client, repo, proposal);
  if (found.kind !== "ok") return found;
  if (found.value !== undefined) return ok(found.value);
  switch (branch) {
    case "theirs": {
      const message = `The branch ${proposal.branch} holds commits of somebody else, and no merge request is open for it. Delete the branch, or open one for it.`;
      return { kind: "rejected", message };
    }
    case "ours": {
      const opened = await client.call(
        {
          method: "POST",
          path: projectPath(repo, "/merge_requests"),
          body: {
            source_branch: proposal.branch,
            target_branch: proposal.base,
            title: proposal.title,
            description: proposal.body,
            remove_source_branch: true,
          },
        },
        openedSchema,
      );
      if (opened.kind === "ok") {
        return ok({
          kind: "open",
          number: opened.value.iid,
          url: opened.value.web_url,
          opened: true,
        });
      }
      if (opened.kind !== "rejected") return opened;
      // It may have been opened a moment ago, by an answer that was lost or by somebody else.
      const again = await findOpen(client, repo, proposal);
      return again.kind === "ok" && again.value !== undefined ? ok(again.value) : opened;
    }
    default:
      return unreachable(branch);
  }
}

async function findOpen(
  client: GitlabClient,
  repo: RepositoryRef,
  { branch, base }: FileProposal,
): Promise<VcsResult<Proposed | undefined>> {
  const query = { state: "opened", source_branch: branch, target_branch: base };
  const path = projectPath(repo, "/merge_requests");
  const listed = await client.call({ method: "GET", path, query }, openedListSchema);
  if (listed.kind !== "ok") return listed;
  const [first] = listed.value;
  return ok(
    first === undefined
      ? undefined
      : { kind: "open", number: first.iid, url: first.web_url, opened: false },
  );
}
