import type { AccountId } from "../../core/ids.ts";
import {
  type FileProposal,
  isProposal,
  type Proposed,
  proposalMessage,
} from "../../ports/proposal.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { commitTree } from "../git/merge.ts";
import { branchHead, isBranchName } from "../git/ref.ts";
import { commitSummary, pointBranch, treeWith } from "../git/write-files.ts";
import { bare, type ForgeContext, findRepository, notFound, ok, rejected } from "./context.ts";
import { openPullRequest } from "./pull-requests.ts";

const OPEN_MAX = 10_000;
/** Who opens it. */
const LOGIN = "terrane";

export async function proposeFiles(
  context: ForgeContext,
  ref: RepositoryRef,
  proposal: FileProposal,
): Promise<VcsResult<Proposed>> {
  const found = await findRepository(context, ref.id);
  if (found.kind !== "ok") return found;
  const { branch, base, title, body } = proposal;
  const put = await putBranch(context, bare(context, found.value), proposal);
  if (put.kind !== "ok") return put;
  if (put.value === "nothing_to_change") return ok({ kind: "nothing_to_change" });
  const open = await context.store.pullRequests(ref.id, { state: "open", limit: OPEN_MAX });
  const before = open.find((pull) => pull.headRef === branch && pull.baseRef === base);
  if (before !== undefined) return ok(proposed(context, found.value.fullName, before.number));
  if (put.value === "theirs") {
    return rejected(
      `The branch ${branch} holds commits of somebody else, and no pull request is open for it. Delete the branch, or open one for it.`,
    );
  }
  const id = context.newId() as AccountId;
  const at = context.now();
  const by = (await context.store.ensureAccount({ id, login: LOGIN, permission: "read", at })).id;
  const wanted = { repository: ref.id, head: branch, base, title, body, by };
  const opened = await openPullRequest(context, wanted);
  if (opened.kind !== "ok") return opened;
  return ok({ ...proposed(context, found.value.fullName, opened.value), opened: true });
}

function proposed(context: ForgeContext, fullName: string, number: number) {
  const url = context.pullRequestUrl(fullName, number);
  return { kind: "open", number, url, opened: false } as const;
}

async function putBranch(
  context: ForgeContext,
  repo: ReturnType<typeof bare>,
  { branch, base, title, files }: FileProposal,
): Promise<VcsResult<"nothing_to_change" | "ours" | "theirs">> {
  if (!isBranchName(branch)) return rejected(`${JSON.stringify(branch)} is no branch name.`);
  const onto = isBranchName(base) ? await branchHead(repo, base) : undefined;
  if (onto === undefined) return notFound(`There is no branch ${base}.`);
  const { tree, differs } = await treeWith(repo, onto, files, context.newId);
  if (!differs) return ok("nothing_to_change");
  const head = await branchHead(repo, branch);
  if (head !== undefined) {
    const there = await commitSummary(repo, head);
    if (!isProposal(there.message)) return ok("theirs");
    if (there.tree === tree && there.parent === onto) return ok("ours");
  }
  const date = `@${Math.floor(context.now() / 1000)} +0000`;
  const who = { name: LOGIN, email: `${LOGIN}@localhost`, date };
  const message = proposalMessage(title);
  const commit = await commitTree(repo, {
    tree,
    parents: [onto],
    message,
    author: who,
    committer: who,
  });
  if (await pointBranch(repo, branch, commit, head)) return ok("ours");
  const moved = `The branch ${branch} moved meanwhile.`;
  return { kind: "unavailable", message: moved, retryAfterMs: undefined };
}
