import type { WhyView } from "../../contract/why.ts";
import { type Explained, explainDirspaces } from "../../core/explain/explain.ts";
import { lastSaid, type Moment, momentsOf, type Told } from "../../core/explain/history.ts";
import { requirementsNow } from "../../core/explain/requirements-now.ts";
import { bookOf, whyTarget } from "../../core/explain/why-target.ts";
import type { Facts } from "../../core/fact.ts";
import type { PullRequestId, RunId } from "../../core/ids.ts";
import type { JobWait } from "../../core/schedule/wait.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { StoryStore } from "../../ports/story-store.ts";
import type { PullRequestHead, RepositoryRecord } from "../../ports/view-store.ts";
import type { Handlers } from "../api.ts";
import { notFound } from "../errors.ts";
import { LOCAL_VCS, type Services } from "../services.ts";
import { forgePull } from "../view/local-forge.ts";
import { noSuch, nothingYet, whyDecisionView, whyDirspaceView } from "../view/why.ts";
import { iso, reasonView } from "../view/words.ts";
import { idOf, numberOf, repositoryOf } from "./params.ts";

const ASKED_CHARS_MAX = 1_200;
const DIRSPACES_MAX = 1_000;
const DECISIONS_SHOWN_MAX = 100;
/** One answer reads at most this many decisions; `before` goes on from there. */
const PAGE = 500;
const PAGES_MAX = 10;

export function whyHandlers(services: Services): Pick<Handlers, "why"> {
  return {
    async why({ params, query }) {
      const repository = await repositoryOf(services.views, params["repository"]);
      const number = numberOf(params["number"]);
      const asked = askedOf(query("dirspace"));
      const before = /^\d{1,18}$/.exec(query("before") ?? "")?.[0];
      const head = await services.views.pullRequest(repository.id, number);
      const base = { repository: repository.ref.fullName, repositoryId: repository.id };
      if (head === undefined) {
        await mustExist(services, repository, number);
        return { ...base, pullRequest: number, asked: asked ?? null, ...NOTHING };
      }
      const found = await explained(services, head, { asked, before });
      return { ...base, pullRequest: number, asked: asked ?? null, ...found };
    },
  };
}

type Found = Omit<WhyView, "repository" | "repositoryId" | "pullRequest" | "asked">;

const NOTHING: Found = {
  headSha: null,
  state: null,
  said: [nothingYet(0)],
  dirspaces: [],
  total: 0,
  target: null,
  decisions: [],
  before: null,
  ignored: [],
  undecided: 0,
  setAside: [],
};

/** One that was opened a moment ago is known to the forge only. */
async function mustExist(
  { forge }: Services,
  repository: RepositoryRecord,
  number: number,
): Promise<void> {
  const isHere = forge !== undefined && repository.vcs === LOCAL_VCS;
  const found = isHere ? await forgePull(forge, repository.ref, number) : undefined;
  if (found === undefined) throw notFound("pull request");
}

async function explained(
  { stories, reports }: Services,
  head: PullRequestHead,
  wanted: { readonly asked: string | undefined; readonly before: string | undefined },
): Promise<Found> {
  const { id } = head.pullRequest;
  const { asked, before } = wanted;
  const [reported, newest, facts, ignored, pending] = await Promise.all([
    reports.reported(id),
    stories.moments(id, undefined, PAGE),
    stories.looked(id),
    stories.ignored(id),
    stories.pending(id),
  ]);
  const snapshot = reported?.snapshot;
  const said = lastSaid(newest);
  const all = snapshot === undefined ? [] : explainedNow(snapshot, facts, said, reported?.waits);
  const meant = asked === undefined ? all.filter(isPart) : all.filter(isMeant(asked));
  const view = head.view;
  const history = await decisionsOf(stories, id, before === undefined ? newest : undefined, {
    before,
    key: meant.length === 1 && asked !== undefined ? meant[0] : undefined,
  });
  return {
    headSha: view?.headSha ?? null,
    state: view?.state ?? null,
    said: newest.length === 0 ? [nothingYet(pending.undecided)] : said.map(reasonView),
    dirspaces: meant.slice(0, DIRSPACES_MAX).map(whyDirspaceView),
    total: meant.length,
    target:
      asked === undefined || meant.length > 0 || snapshot === undefined
        ? null
        : targetView(snapshot, facts, asked, all),
    ...history,
    ignored: ignored.map((one) => ({ ...one, at: iso(one.at) })),
    undecided: pending.undecided,
    setAside: pending.setAside.map((one) => ({ ...one, at: iso(one.at) })),
  };
}

function explainedNow(
  snapshot: Snapshot,
  facts: Facts | undefined,
  said: Moment["reasons"],
  jobs: ReadonlyMap<RunId, JobWait> | undefined,
): readonly Explained[] {
  const { view } = snapshot.pullRequest;
  const book = facts === undefined ? undefined : bookOf(snapshot, facts);
  const requirements =
    book === undefined || view === undefined || facts === undefined
      ? undefined
      : requirementsNow(book, view, facts, snapshot);
  return explainDirspaces({ snapshot, said, requirements, jobs });
}

function isPart({ affected, phase }: Explained): boolean {
  return affected !== undefined || phase !== "unplanned";
}

function isMeant(asked: string): (one: Explained) => boolean {
  return ({ key, dirspace }) => key === asked || dirspace.dir === asked;
}

function targetView(
  snapshot: Snapshot,
  facts: Facts | undefined,
  asked: string,
  all: readonly Explained[],
): NonNullable<WhyView["target"]> {
  const why = facts === undefined ? undefined : whyTarget(snapshot, facts, asked);
  switch (why?.kind) {
    case "explained":
      return { affected: why.affected, reasons: [...why.texts] };
    case "stopped":
      return { affected: false, reasons: why.reasons.map((reason) => reasonView(reason).cause) };
    default: {
      const keys = all.map(({ key }) => key);
      return { affected: false, reasons: [noSuch(asked, keys)] };
    }
  }
}

/** Newest first; of one dirspace as many pages are read as it takes to find some. */
async function decisionsOf(
  stories: StoryStore,
  id: PullRequestId,
  first: readonly Moment[] | undefined,
  { before, key }: { readonly before: string | undefined; readonly key: Explained | undefined },
): Promise<Pick<WhyView, "decisions" | "before">> {
  const read: Moment[] = [];
  let from = before;
  let page = first;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    page ??= await stories.moments(id, from, PAGE);
    read.push(...page);
    const isEnd = page.length < PAGE;
    from = isEnd ? undefined : page.at(-1)?.id;
    page = undefined;
    const found = key === undefined ? read : momentsOf(read, toldOf(key));
    if (found.length >= DECISIONS_SHOWN_MAX || isEnd || key === undefined) break;
  }
  const found = key === undefined ? read : momentsOf(read, toldOf(key));
  const shown = found.slice(0, DECISIONS_SHOWN_MAX);
  const next = found.length > shown.length ? shown.at(-1)?.id : from;
  return { decisions: shown.map(whyDecisionView), before: next ?? null };
}

function toldOf({ key, dirspace, affected }: Explained): Told {
  // What is no longer touched has the tags that everything has.
  const tags = affected?.tags ?? [`dir:${dirspace.dir}`, `workspace:${dirspace.workspace}`];
  return { key, subject: { tags: new Set(tags), dir: dirspace.dir } };
}

function askedOf(text: string | undefined): string | undefined {
  const asked = idOf(text)
    .slice(0, ASKED_CHARS_MAX)
    .replace(/^(?:\.\/)+/, "");
  const bare = asked.length > 1 ? asked.replace(/\/$/, "") : asked;
  return bare === "" ? undefined : bare;
}
