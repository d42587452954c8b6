import { mkdir } from "node:fs/promises";
import type { Failure, WorkItem } from "../contract/work.ts";
import { type Git, gitAt, said, succeeded } from "./git.ts";
import { type Captured, delay, type Env, findProgram } from "./process.ts";
import type { Stop } from "./stop.ts";
import { failureOf, namesOf } from "./text.ts";

export interface CheckoutOptions {
  /** Where to clone to; or the CI system's own checkout, used as it is when the work item has no URL. */
  readonly root: string;
  readonly env: Env;
  readonly stop: Stop;
  readonly graceMs: number;
  readonly log: (line: string) => void;
  /** `head`: not merged yet. `again`: the folder holds the head already. Everything at once where nothing is said. */
  readonly step?: "head" | "again";
}

export type CheckedOut =
  | { readonly kind: "ok"; readonly root: string }
  | { readonly kind: "failed"; readonly failure: Failure };

const FETCH_TRIES = 3;
const FETCH_PAUSE_MS = 1_000;

/** The pull request's head merged with the base: what the branch will be, not what it was. */
export async function checkout(work: WorkItem, options: CheckoutOptions): Promise<CheckedOut> {
  const program = await findProgram("git", options.env, options.root);
  if (program === undefined) {
    return failed("git is not on PATH. Install git where this job runs, then start the run again.");
  }
  await mkdir(options.root, { recursive: true });
  const git = gitAt(program, options.root, options);
  const { step } = options;
  return (
    (step === "again" ? undefined : await prepare(git, work)) ??
    (await fetchCommits(git, work, options)) ??
    (await checkoutHead(git, work)) ??
    (step === "head" ? undefined : await merge(git, work)) ?? { kind: "ok", root: options.root }
  );
}

async function prepare(git: Git, work: WorkItem): Promise<CheckedOut | undefined> {
  const url = work.repository.cloneUrl;
  if (url === null) {
    const inside = await git(["rev-parse", "--is-inside-work-tree"]);
    if (succeeded(inside)) return undefined;
    return failed(
      "This job has no checkout of the repository. Add a checkout step before the runner.",
      inside,
    );
  }
  // `ext::`, and anything that git would read as an option, is no address of a repository.
  if (url.startsWith("-") || url.includes("::")) return failed("The clone URL cannot be used.");
  const init = await git(["init", "--quiet", "."]);
  if (!succeeded(init)) return failed("The checkout folder could not be prepared.", init);
  await git(["remote", "remove", "origin"]);
  const remote = await git(["remote", "add", "origin", url]);
  return succeeded(remote) ? undefined : failed("The clone URL was refused by git.", remote);
}

async function fetchCommits(
  git: Git,
  work: WorkItem,
  options: CheckoutOptions,
): Promise<CheckedOut | undefined> {
  const commits = [...new Set([work.headSha, work.baseSha])];
  if (await allPresent(git, commits)) return undefined;
  // A merge needs the history down to the common ancestor, but not the contents of all files in it.
  const amount = commits.length === 1 ? ["--depth=1"] : ["--filter=blob:none"];
  const own = work.repository.cloneUrl === null ? ["--unshallow"] : [];
  const attempts = [
    ["fetch", "--quiet", "--no-tags", ...amount, "origin", ...commits],
    ["fetch", "--quiet", "--no-tags", ...(commits.length > 1 ? own : []), "origin", ...commits],
    // Some servers give no commit by its name alone: then by the branches that hold it.
    ["fetch", "--quiet", "--no-tags", "origin", "+refs/heads/*:refs/remotes/origin/*"],
  ];
  let last: Captured | undefined;
  for (let tried = 0; tried < FETCH_TRIES; tried += 1) {
    if (tried > 0) await delay(FETCH_PAUSE_MS * tried);
    last = await git(attempts[tried] ?? attempts[0] ?? []);
    if (options.stop.reason !== undefined) return failed(options.stop.reason);
    if (succeeded(last) && (await allPresent(git, commits))) return undefined;
    options.log(
      `git fetch, try ${tried + 1} of ${FETCH_TRIES}: ${said(last) || "commit not found"}`,
    );
  }
  return failed(
    `The commits of this run could not be fetched from the repository in ${FETCH_TRIES} tries. ` +
      "The branch may have been deleted or force-pushed, or this job may not read the repository.",
    last,
  );
}

async function checkoutHead(git: Git, { headSha }: WorkItem): Promise<CheckedOut | undefined> {
  const head = await git(["checkout", "--quiet", "--force", "--detach", headSha]);
  return succeeded(head) ? undefined : failed(`Commit ${headSha} could not be checked out.`, head);
}

async function merge(git: Git, work: WorkItem): Promise<CheckedOut | undefined> {
  if (work.baseSha === work.headSha) return undefined;
  const merged = await git([
    "merge",
    "--quiet",
    "--no-edit",
    "--no-verify",
    "-m",
    `Merge ${work.baseSha} into ${work.headSha}`,
    work.baseSha,
  ]);
  if (succeeded(merged)) return undefined;
  const unmerged = await git(["diff", "--name-only", "--diff-filter=U", "-z"]);
  const files = unmerged.stdout.split("\0").filter((name) => name !== "");
  const { headRef, baseRef } = work.pullRequest;
  if (files.length === 0) {
    return failed(`The branch ${headRef} could not be merged with ${baseRef}.`, merged);
  }
  return failed(
    `The branch ${headRef} conflicts with ${baseRef} in ${namesOf(files)}. ` +
      `Merge ${baseRef} into ${headRef}, resolve the conflicts and push; the new commit is planned by itself.`,
    merged,
  );
}

async function allPresent(git: Git, commits: readonly string[]): Promise<boolean> {
  for (const commit of commits) {
    if (!succeeded(await git(["cat-file", "-e", `${commit}^{commit}`]))) return false;
  }
  if (commits.length === 1) return true;
  // A shallow checkout can hold both commits and still not know how they are related.
  return succeeded(await git(["merge-base", ...commits]));
}

function failed(message: string, run?: Captured): CheckedOut {
  const ended = run?.ended;
  const facts = ended?.kind === "exited" ? { exitCode: ended.code, signal: ended.signal } : {};
  const tail = run === undefined ? "" : said(run);
  return { kind: "failed", failure: failureOf("checkout", message, { tail, ...facts }) };
}
