import { z } from "zod";
import { unreachable } from "../../base/unreachable.ts";
import {
  type FileProposal,
  isProposal,
  type LackedPermission,
  type Proposed,
  type ProposedFile,
  proposalMessage,
} from "../../ports/proposal.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, of, ok, repositoryPath } from "./client.ts";
import { readBranch } from "./pull-request.ts";

const COMMITS = repositoryPath("/git/commits");
const PULLS = repositoryPath("/pulls");
const FILE_MODE = "100644";
/** Longer addresses are refused on the way; the editor opens empty then. */
const EDITOR_CHARS_MAX = 7_500;

const installationSchema = z.object({
  html_url: z.string(),
  permissions: z.record(z.string(), z.string()),
});
const placeSchema = z.object({ html_url: z.string(), owner: z.object({ login: z.string() }) });
const commitSchema = z.object({
  message: z.string(),
  tree: z.object({ sha: z.string() }),
  parents: z.array(z.object({ sha: z.string() })),
});
const createdSchema = z.object({ sha: z.string() });
const pullSchema = z.object({ number: z.number().int(), html_url: z.string() });

type Pull = z.infer<typeof pullSchema>;
type Place = z.infer<typeof placeSchema>;

/** What the app must have been given for this; GitHub guards workflow files on their own. */
const NEEDS: readonly (LackedPermission & { readonly key: string })[] = [
  { key: "contents", name: "Contents: write", why: "to make a branch with the files" },
  { key: "pull_requests", name: "Pull requests: write", why: "to open the pull request" },
  {
    key: "workflows",
    name: "Workflows: write",
    why: "GitHub lets no app put files into .github/workflows without it",
  },
];

export async function proposeFiles(
  client: GithubClient,
  repo: RepositoryRef,
  proposal: FileProposal,
): Promise<VcsResult<Proposed>> {
  const place = await client.call(repo, `GET ${repositoryPath("")}`, of(repo), placeSchema);
  if (place.kind !== "ok") return place;
  const refused = await notPermitted(client, repo, place.value, proposal);
  if (refused.kind !== "ok") return refused;
  if (refused.value !== undefined) return ok(refused.value);
  const put = await putBranch(client, repo, proposal);
  if (put.kind !== "ok") return put;
  if (put.value === "nothing_to_change") return ok({ kind: "nothing_to_change" });
  return await putPull(client, repo, place.value, proposal, put.value);
}

/** Asked before anything is tried: a refusal would only say "not accessible", and leave half of it behind. */
async function notPermitted(
  client: GithubClient,
  repo: RepositoryRef,
  place: Place,
  proposal: FileProposal,
): Promise<VcsResult<Proposed | undefined>> {
  const route = "GET /app/installations/{installation_id}";
  const wanted = { installation_id: repo.installation };
  const installed = await client.call("app", route, wanted, installationSchema);
  if (installed.kind !== "ok") return installed;
  const { permissions, html_url: grantUrl } = installed.value;
  const touchesWorkflows = proposal.files.some(({ path }) => path.startsWith(".github/workflows/"));
  const lacks = NEEDS.filter(({ key }) => key !== "workflows" || touchesWorkflows)
    .filter(({ key }) => permissions[key] !== "write")
    .map(({ name, why }) => ({ name, why }));
  if (lacks.length === 0) return ok(undefined);
  const byHand = proposal.files.map((file) => ({
    path: file.path,
    url: editorUrl(place.html_url, proposal.base, file),
  }));
  return ok({ kind: "not_permitted", lacks, grantUrl, byHand });
}

/** GitHub's editor of a new file, filled in as far as an address can carry it. */
export function editorUrl(html: string, branch: string, { path, text }: ProposedFile): string {
  const at = branch.split("/").map(encodeURIComponent).join("/");
  const url = `${html}/new/${at}?filename=${encodeURIComponent(path)}`;
  const filled = `${url}&value=${encodeURIComponent(text)}`;
  return filled.length > EDITOR_CHARS_MAX ? url : filled;
}

/** What became of our branch: it is up to date, or somebody else's commits are on it and stay. */
type Branch = "nothing_to_change" | "ours" | "theirs";

async function putBranch(
  client: GithubClient,
  repo: RepositoryRef,
  { base, branch, title, files }: FileProposal,
): Promise<VcsResult<Branch>> {
  const onto = await readBranch(client, repo, base);
  if (onto.kind !== "ok") return onto;
  const before = await readCommit(client, repo, onto.value);
  if (before.kind !== "ok") return before;
  const tree = await client.call(
    repo,
    `POST ${repositoryPath("/git/trees")}`,
    {
      ...of(repo),
      base_tree: before.value.tree.sha,
      tree: files.map(({ path, text }) => ({ path, mode: FILE_MODE, type: "blob", content: text })),
    },
    createdSchema,
  );
  if (tree.kind !== "ok") return tree;
  if (tree.value.sha === before.value.tree.sha) return ok("nothing_to_change");
  const there = await readBranch(client, repo, branch);
  if (there.kind !== "ok" && there.kind !== "not_found") return there;
  if (there.kind === "ok") {
    const head = await readCommit(client, repo, there.value);
    if (head.kind !== "ok") return head;
    if (!isProposal(head.value.message)) return ok("theirs");
    const isCurrent =
      head.value.tree.sha === tree.value.sha && head.value.parents[0]?.sha === onto.value;
    if (isCurrent) return ok("ours");
  }
  const commit = await client.call(
    repo,
    `POST ${COMMITS}`,
    {
      ...of(repo),
      message: proposalMessage(title),
      tree: tree.value.sha,
      parents: [onto.value],
    },
    createdSchema,
  );
  if (commit.kind !== "ok") return commit;
  return await pointBranch(client, repo, branch, commit.value.sha, there.kind === "ok");
}

async function readCommit(client: GithubClient, repo: RepositoryRef, sha: string) {
  const wanted = { ...of(repo), commit_sha: sha };
  return await client.call(repo, `GET ${COMMITS}/{commit_sha}`, wanted, commitSchema);
}

async function pointBranch(
  client: GithubClient,
  repo: RepositoryRef,
  branch: string,
  sha: string,
  exists: boolean,
): Promise<VcsResult<Branch>> {
  if (exists) {
    const wanted = { ...of(repo), ref: `heads/${branch}`, sha, force: true };
    const route = `PATCH ${repositoryPath("/git/refs/{ref}")}`;
    const moved = await client.send(repo, route, wanted);
    return moved.kind === "ok" ? ok("ours") : moved;
  }
  const wanted = { ...of(repo), ref: `refs/heads/${branch}`, sha };
  const made = await client.send(repo, `POST ${repositoryPath("/git/refs")}`, wanted);
  // Whoever asked for the same at the same moment has made it.
  if (made.kind === "rejected" && /already exists/i.test(made.message)) return ok("ours");
  return made.kind === "ok" ? ok("ours") : made;
}

async function putPull(
  client: GithubClient,
  repo: RepositoryRef,
  place: Place,
  proposal: FileProposal,
  branch: Exclude<Branch, "nothing_to_change">,
): Promise<VcsResult<Proposed>> {
  const found = await findPull(client, repo, place, proposal);
  if (found.kind !== "ok") return found;
  if (found.value !== undefined) return ok(proposed(found.value, false));
  switch (branch) {
    case "theirs": {
      const message = `The branch ${proposal.branch} holds commits of somebody else, and no pull request is open for it. Delete the branch, or open one for it.`;
      return { kind: "rejected", message };
    }
    case "ours": {
      const { base, title, body } = proposal;
      const wanted = { ...of(repo), head: proposal.branch, base, title, body };
      const opened = await client.call(repo, `POST ${PULLS}`, wanted, pullSchema);
      if (opened.kind === "ok") return ok(proposed(opened.value, true));
      if (opened.kind !== "rejected") return opened;
      // It may have been opened a moment ago, by an answer that was lost or by somebody else.
      const again = await findPull(client, repo, place, proposal);
      if (again.kind !== "ok" || again.value === undefined) return opened;
      return ok(proposed(again.value, false));
    }
    default:
      return unreachable(branch);
  }
}

async function findPull(
  client: GithubClient,
  repo: RepositoryRef,
  place: Place,
  { branch, base }: FileProposal,
): Promise<VcsResult<Pull | undefined>> {
  const head = `${place.owner.login}:${branch}`;
  const wanted = { ...of(repo), state: "open", head, base, per_page: 1 };
  const listed = await client.call(repo, `GET ${PULLS}`, wanted, z.array(pullSchema));
  return listed.kind === "ok" ? ok(listed.value[0]) : listed;
}

function proposed({ number, html_url: url }: Pull, opened: boolean): Proposed {
  return { kind: "open", number, url, opened };
}
