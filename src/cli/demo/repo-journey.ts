import { join, resolve } from "node:path";
import type { PullRequestDetail } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import { applyAll } from "./apply-all.ts";
import type { Git } from "./git.ts";
import type { Narrator } from "./sample-journey.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { settled } from "./watch.ts";

/** Two hundred root modules on two cores take minutes. */
const STEP_MS = 30 * 60_000;

export interface RepoDemo {
  /** A git repository of the person, bare or not; only read. */
  readonly path: string;
  readonly head: string;
  readonly base: string;
  readonly apply: boolean;
  /** Where the scratch clone goes. */
  readonly scratch: string;
}

/** Plans, and if wanted applies and merges, one branch of a repository that the person has. */
export async function repoJourney(
  api: Api,
  git: Git,
  tell: Narrator,
  wanted: RepoDemo,
): Promise<Tally> {
  tell.chapter(`A scratch clone of ${wanted.path}`);
  const bareDir = join(wanted.scratch, "repository.git");
  // A clone of its own: what is pushed or merged here never reaches the original.
  const source = resolve(wanted.path);
  await git(wanted.scratch, "clone", "--quiet", "--bare", "--no-hardlinks", "--", source, bareDir);
  await git(bareDir, "remote", "remove", "origin");
  const created = await api("createRepository", {}, { name: "repository", bareDir });
  const repository = created.id;
  await api("putPerson", { repository }, { login: "reviewer", permission: "maintain" });
  const opened = await api(
    "openPullRequest",
    { repository },
    {
      title: `Merge ${wanted.head} into ${wanted.base}`,
      head: wanted.head,
      base: wanted.base,
      as: "author",
    },
  );
  const pull = { repository, number: opened.number };
  const tally = tallyOf(api, [pull]);
  tell.say(`@author opens #${opened.number}: ${wanted.head} → ${wanted.base}`);

  tell.chapter("Plan");
  const options = { timeoutMs: STEP_MS, say: tell.say, onChange: progress(tell) };
  const planned = await settled(api, pull, {
    ...options,
    until: (detail) => detail.decisions.length > 0,
  });
  noteFailures(planned, tally, "plan_failed");
  if (tally.refusals(planned)) tally.problem("the pull request could not be planned");
  tell.comment(pull.number, planned.comment ?? "");
  if (!wanted.apply) return tally;
  if (planned.notice?.outcome === "refused") return tally;

  tell.chapter("Review, apply and merge");
  await api("review", { ...pull }, { verdict: "approved", as: "reviewer" });
  tell.say("@reviewer approves");
  await settled(api, pull, options);
  const applied = await applyAll(api, pull, "reviewer", tally, options);
  const after = await api("pullRequest", { ...pull });
  tell.comment(pull.number, after.comment ?? "");
  if (!applied) {
    noteFailures(after, tally, "apply_failed");
    tally.problem("not everything could be applied; nothing was merged");
    return tally;
  }
  await api("merge", { ...pull }, { as: "reviewer" });
  tell.say("@reviewer merges");
  const merged = await settled(api, pull, {
    timeoutMs: STEP_MS,
    until: (detail) => detail.state === "merged",
  });
  if (merged.locks > 0) tally.problem(`${merged.locks} locks were left behind`);
  return tally;
}

function noteFailures(detail: PullRequestDetail, tally: Tally, phase: string): void {
  for (const one of detail.dirspaces) {
    if (one.phase !== phase) continue;
    tally.problem(`${one.key}: ${one.failure?.message ?? phase}`);
  }
}

function progress(tell: Narrator): (detail: PullRequestDetail) => void {
  return (detail) => {
    const { total, running, failed } = detail.progress;
    if (total === 0) return;
    tell.say(`${total - running} of ${total} at rest${failed > 0 ? `, ${failed} failed` : ""}`);
  };
}
