import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PullRequestDetail } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import { applyAll, command, keysIn } from "./apply-all.ts";
import { commitAndPush, type Git, writeFiles } from "./git.ts";
import { databaseChange, networkChange, sampleFiles } from "./sample.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { type PullRef, settled } from "./watch.ts";

const STEP_MS = 120_000;

export interface Narrator {
  /** A heading. */
  chapter(text: string): void;
  readonly say: (text: string) => void;
  comment(pull: number, markdown: string): void;
}

/** The main job on a sample repository: two pull requests that want the same database. */
export async function sampleJourney(api: Api, git: Git, tell: Narrator): Promise<Tally> {
  const { repository, tally } = await prepare(api, git, tell);
  const first: PullRef = { repository, number: 1 };
  const second: PullRef = { repository, number: 2 };
  const options = { timeoutMs: STEP_MS, say: tell.say };

  tell.chapter("Both pull requests are planned");
  const plannedFirst = await settled(api, first, options);
  expectPhase(tally, plannedFirst, "planned", ["network:default"]);
  await settled(api, second, options);
  tell.comment(1, (await api("pullRequest", { ...first })).comment ?? "");

  tell.chapter("Nothing is applied without a review");
  tell.say("@ann comments `terrane apply` on #1");
  const unreviewed = await command(api, first, "ann", "terrane apply", options);
  expectRefusal(tally, unreviewed, "E_NOT_APPROVED");

  tell.chapter("Review and apply #1, in the order of its dependencies");
  await api("review", { ...first }, { verdict: "approved", as: "bob" });
  tell.say("@bob approves #1");
  await settled(api, first, options);
  tell.say("@ann comments `terrane apply` on #1: network");
  const applied = await command(api, first, "ann", "terrane apply", options);
  if (tally.refusals(applied)) tally.problem("the first apply of #1 was refused");
  expectPhase(tally, applied, "applied", ["network:default"]);

  tell.chapter("#2 is refused while #1 holds the lock");
  await api("review", { ...second }, { verdict: "approved", as: "bob" });
  await settled(api, second, options);
  tell.say("@eve comments `terrane apply` on #2");
  const refused = await command(api, second, "eve", "terrane apply", options);
  expectRefusal(tally, refused, "E_LOCKED");
  tell.comment(2, refused.comment ?? "");

  if (!(await applyAll(api, first, "ann", tally, options))) tally.problem("#1 was not applied");
  await mergePull(api, first, tally, tell);

  tell.chapter("#2 is planned again on the new base, and applied");
  const replanned = await settled(api, second, {
    ...options,
    until: (detail) => keysIn(detail, "planned").includes("database:default"),
  });
  tell.comment(2, replanned.comment ?? "");
  if (!(await applyAll(api, second, "eve", tally, options))) tally.problem("#2 was not applied");
  await mergePull(api, second, tally, tell);
  tell.comment(2, (await api("pullRequest", { ...second })).comment ?? "");
  await checkEnd(api, [first, second], tally);
  return tally;
}

async function prepare(
  api: Api,
  git: Git,
  tell: Narrator,
): Promise<{ readonly repository: string; readonly tally: Tally }> {
  tell.chapter("A sample infrastructure repository");
  const created = await api("createRepository", {}, { name: "infrastructure" });
  for (const [login, permission] of [
    ["ann", "write"],
    ["bob", "maintain"],
    ["eve", "write"],
  ] as const) {
    await api("putPerson", { repository: created.id }, { login, permission });
  }
  const work = await mkdtemp(join(tmpdir(), "terrane-sample-"));
  try {
    await git(work, "init", "--quiet");
    await git(work, "remote", "add", "origin", created.cloneUrl ?? "");
    await writeFiles(work, sampleFiles());
    await commitAndPush(git, work, "main", "Lay the foundation");
    tell.say("network → database → checkout and billing, each in dev and prod");
    await git(work, "checkout", "--quiet", "-b", "third-subnet");
    await writeFiles(work, networkChange());
    await commitAndPush(git, work, "third-subnet", "Add a third subnet");
    await git(work, "checkout", "--quiet", "-b", "postgres-17", "HEAD~1");
    await writeFiles(work, databaseChange());
    await commitAndPush(git, work, "postgres-17", "Move to PostgreSQL 17");
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const repository = created.id;
  const pulls = [
    { title: "Add a third subnet", head: "third-subnet", base: "main", as: "ann" },
    { title: "Move to PostgreSQL 17", head: "postgres-17", base: "main", as: "eve" },
  ];
  for (const pull of pulls) {
    const opened = await api("openPullRequest", { repository }, pull);
    tell.say(`@${pull.as} opens #${opened.number}: ${pull.title}`);
  }
  const refs = [1, 2].map((number) => ({ repository, number }));
  return { repository, tally: tallyOf(api, refs) };
}

async function mergePull(api: Api, pull: PullRef, tally: Tally, tell: Narrator): Promise<void> {
  await api("merge", { ...pull }, { as: "bob" });
  tell.say(`@bob merges #${pull.number}`);
  const merged = await settled(api, pull, {
    timeoutMs: STEP_MS,
    until: (detail) => detail.state === "merged",
  });
  if (merged.locks > 0) tally.problem(`#${pull.number} still holds ${merged.locks} locks`);
}

function expectPhase(
  tally: Tally,
  detail: PullRequestDetail,
  phase: string,
  keys: readonly string[],
): void {
  const found = keysIn(detail, phase);
  for (const key of keys) {
    if (!found.includes(key)) tally.problem(`#${detail.number}: ${key} is not ${phase}`);
  }
}

function expectRefusal(tally: Tally, detail: PullRequestDetail, code: string): void {
  const was = tally.refusals(detail);
  const codes = detail.notice?.reasons.map((reason) => reason.code) ?? [];
  if (!was || !codes.includes(code)) {
    tally.problem(`#${detail.number} was not refused with ${code} (${codes.join(", ")})`);
  }
}

async function checkEnd(api: Api, pulls: readonly PullRef[], tally: Tally): Promise<void> {
  for (const pull of pulls) {
    const detail = await api("pullRequest", { ...pull });
    if (detail.state !== "merged") tally.problem(`#${pull.number} is ${detail.state}, not merged`);
    if (JSON.stringify(detail).includes("a-password-nobody-may-see")) {
      tally.problem(`#${pull.number} shows a sensitive value`);
    }
  }
  const locks = await api("locks", {});
  if (locks.length > 0) tally.problem(`${locks.length} locks were left behind`);
}
