import { z } from "zod";
import type { Instant } from "../../base/brand.ts";
import { CENTRAL_FOLDER, CENTRAL_NAMES } from "../../core/config/central.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";
import type { CommitSha } from "../../core/ids.ts";
import type { CommitCheck, PullRequestView, SaidComment } from "../../core/pull-request.ts";
import type { FileRead, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import { endedAs } from "./commit-checks.ts";
import { wholeText } from "./files.ts";
import { LOOKED_AT_MAX, lookQuery } from "./look-query.ts";
import { type Entry, type Files, type LookedPull, lookSchema } from "./look-schema.ts";
import type { Besides, Looked } from "./looked.ts";
import type { NodeIds } from "./node-ids.ts";
import { opinions } from "./pull-request.ts";
import { chooseSibling } from "./sibling.ts";

const QUERY = lookQuery();
/** As the engine asks for them; a longer one is read by itself and refused. */
const CONFIG_CHARS_MAX = 256 * 1024;
/** Bits of a mode that say what it is, and a plain file. */
const KIND_BITS = 0o170_000;
const PLAIN_FILE = 0o100_000;

export interface Look {
  readonly view: PullRequestView;
  readonly said: ReadonlyMap<string, SaidComment>;
}

/** What looks are made with. */
export interface LookWith {
  readonly client: GithubClient;
  readonly nodeIds: NodeIds;
  readonly looked: Looked;
  readonly appId: number;
  readonly now: () => number;
}

/**
 * One query for a pull request and what is asked of it next. Undefined where it cannot tell all of it exactly, such as
 * more reviews than one page has: then the other API is asked, call by call.
 */
export async function look(
  { client, nodeIds, looked, appId, now }: LookWith,
  repo: RepositoryRef,
  number: number,
  { said = false }: { readonly said?: boolean } = {},
): Promise<VcsResult<Look | undefined>> {
  const id = await nodeIds.of(repo);
  if (id.kind !== "ok") return id;
  const begunAt = now();
  const variables = {
    id: id.value,
    number,
    app: appId,
    said,
    folder: `HEAD:${CENTRAL_FOLDER}`,
    ...Object.fromEntries(CONFIG_PATHS.map((path, index) => [`c${index}`, path])),
    ...Object.fromEntries(CENTRAL_NAMES.map((name, index) => [`n${index}`, name])),
  };
  const answered = await client.query(repo, QUERY, variables, z.unknown());
  // Not everything that speaks like GitHub speaks this.
  if (answered.kind === "not_found") return ok(undefined);
  if (answered.kind !== "ok") return answered;
  const parsed = lookSchema.safeParse(answered.value);
  if (!parsed.success) return ok(undefined);
  const { data, errors = [] } = parsed.data;
  const { node } = data;
  if (errors.some(({ type }) => type !== "NOT_FOUND")) return ok(undefined);
  if (node?.defaultBranchRef == null || node.pullRequest === null) return ok(undefined);
  const { pullRequest: pull, defaultBranchRef: onto } = node;
  const [head] = pull.head.nodes;
  const isWhole = pull.reviews.totalCount <= LOOKED_AT_MAX && onto.target !== null;
  // The list of commits may be behind the head for a moment.
  if (!isWhole || head?.commit.oid !== pull.headRefOid) return ok(undefined);
  const defaultSha = onto.target?.oid ?? pull.baseRefOid;
  const view = viewOf(pull, number, id.value, onto.name, defaultSha);
  const files = [
    ...filesAt(head.commit.oid, head.commit),
    ...(onto.target === null ? [] : filesAt(onto.target.oid, onto.target)),
  ];
  const sibling = await chooseSibling(nodeIds, repo, CENTRAL_NAMES, node.owner);
  looked.keep(repo, begunAt, view, {
    files,
    ...(sibling.kind === "ok" ? { sibling: { found: sibling.value } } : {}),
    ...besides(pull, head.commit, appId),
  });
  return ok({ view, said: saidIn(pull, looked) });
}

function saidIn({ said }: LookedPull, looked: Looked): Look["said"] {
  const texts = new Map<string, SaidComment>();
  for (const { fullDatabaseId, author, body, createdAt } of said?.nodes ?? []) {
    looked.keepLogin(author.id, author.login);
    texts.set(fullDatabaseId, { author, body, writtenAt: Date.parse(createdAt) as Instant });
  }
  return texts;
}

const STATES = { OPEN: "open", CLOSED: "closed", MERGED: "merged" } as const;
const MERGEABLE = { MERGEABLE: "clean", CONFLICTING: "conflict", UNKNOWN: "unknown" } as const;

function viewOf(
  pull: LookedPull,
  number: number,
  repository: string,
  defaultBranch: string,
  defaultBranchSha: CommitSha,
): PullRequestView {
  const state = STATES[pull.state];
  const mergedAt = Date.parse(pull.mergedAt ?? "");
  const told = pull.reviews.nodes.map(({ author, state: verdict, commit }) => ({
    user: author,
    state: verdict,
    commit_id: commit?.oid ?? null,
  }));
  return {
    number,
    title: pull.title,
    author: pull.author,
    state,
    draft: pull.isDraft,
    // A fork that is gone is still one.
    fromFork: pull.headRepository?.id !== repository,
    headRef: pull.headRefName,
    headSha: pull.headRefOid,
    baseRef: pull.baseRefName,
    // What the pull request itself says stays where it was opened or last pushed; the branch knows better.
    baseSha: pull.baseRef?.target?.oid ?? pull.baseRefOid,
    defaultBranch,
    defaultBranchSha,
    mergeable: MERGEABLE[pull.mergeable],
    mergeSha: state === "merged" ? pull.mergeCommit?.oid : undefined,
    merged:
      state === "merged" && Number.isFinite(mergedAt)
        ? { onto: pull.baseRefOid, at: mergedAt as Instant }
        : undefined,
    reviews: opinions(told, pull.headRefOid),
    url: pull.url,
  };
}

/** Nothing where one of them needs a closer look than this. */
function filesAt(commit: CommitSha, files: Files): Besides["files"] {
  const read = new Map<string, FileRead>();
  for (const [index, entry] of [files.c0, files.c1, files.c2, files.c3].entries()) {
    const path = CONFIG_PATHS[index];
    if (entry === null || path === undefined) continue;
    const text = textOf(entry);
    if (text === undefined) return [];
    read.set(path, { path, kind: "text", text });
  }
  return [[commit, read]];
}

function textOf({ mode, object }: Entry): string | undefined {
  // A symbolic link is a blob too, whose text is a path.
  if ((mode & KIND_BITS) !== PLAIN_FILE || object === null) return undefined;
  const { text = null, isTruncated = true, byteSize = 0 } = object;
  return wholeText({ text, isTruncated, byteSize }, CONFIG_CHARS_MAX);
}

function besides(
  pull: LookedPull,
  head: Head,
  appId: number,
): Pick<Besides, "checks" | "fork" | "noComments" | "noChecks"> {
  const checks = checksOf(head.statusCheckRollup?.contexts, appId);
  const fork = forkOf(pull);
  const { ours } = pull;
  const { suites } = head;
  return {
    ...(checks === undefined ? {} : { checks }),
    ...(fork === undefined ? {} : { fork }),
    noComments:
      ours != null &&
      ours.totalCount <= ours.nodes.length &&
      !ours.nodes.some((one) => one.viewerDidAuthor),
    noChecks:
      suites != null &&
      suites.totalCount <= suites.nodes.length &&
      suites.nodes.every((suite) => suite.checkRuns?.totalCount === 0),
  };
}

type Head = LookedPull["head"]["nodes"][number]["commit"];
type Contexts = NonNullable<Head["statusCheckRollup"]>["contexts"];

/** Of other apps. Of two checks of one name the newest counts, and which one that is does not stand here. */
function checksOf(
  contexts: Contexts | undefined,
  appId: number,
): readonly CommitCheck[] | undefined {
  if (contexts === undefined) return [];
  if (contexts.totalCount > contexts.nodes.length) return undefined;
  const checks = new Map<string, CommitCheck>();
  for (const one of contexts.nodes) {
    if (one.__typename === "StatusContext") {
      const isOpen = one.state === "PENDING" || one.state === "EXPECTED";
      const state = isOpen ? "pending" : endedAs(one.state.toLowerCase());
      checks.set(`status ${one.context}`, { name: one.context, state });
      continue;
    }
    const app = one.checkSuite.app?.databaseId;
    if (app === appId) continue;
    const key = `check ${app ?? ""} ${one.name}`;
    if (checks.has(key)) return undefined;
    const ended = one.status === "COMPLETED";
    const state = ended ? endedAs(one.conclusion?.toLowerCase() ?? null) : "pending";
    checks.set(key, { name: one.name, state });
  }
  return [...checks.values()];
}

/**
 * The only commit outside the pull request that its commits follow. Where the base is that very commit, it is in the past
 * of the head, and so it is the merge base, whatever GitHub thought when the list was made.
 */
function forkOf({ history, headRefOid }: LookedPull): CommitSha | undefined {
  if (history.totalCount > history.nodes.length) return undefined;
  const commits = history.nodes.map((node) => node.commit);
  const own = new Set<string>(commits.map((commit) => commit.oid));
  if (!own.has(headRefOid)) return undefined;
  if (commits.some(({ parents }) => parents.totalCount > parents.nodes.length)) return undefined;
  const outside = new Set(
    commits.flatMap(({ parents }) =>
      parents.nodes.flatMap(({ oid }) => (own.has(oid) ? [] : [oid])),
    ),
  );
  const [fork] = outside;
  // A commit without parents shares nothing with anybody.
  const hasRoot = commits.some(({ parents }) => parents.totalCount === 0);
  return outside.size === 1 && !hasRoot ? fork : undefined;
}
