import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import type { z } from "zod";
import type { InstallationBudget } from "../../ports/budget.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import {
  Budget,
  type BudgetLimits,
  GITHUB_LIMITS,
  hasNoLimits,
  NO_LIMITS,
  type Weight,
} from "./budget.ts";
import { type Answered, EtagCache } from "./etag.ts";
import { explain, headersOf, limitedUntil } from "./failure.ts";
import { Slots } from "./slots.ts";
import { Tokens } from "./tokens.ts";

/** A call that takes longer is taken for lost. */
const CALL_TIMEOUT_MS = 20_000;
/** 100 entries each: as many as one list can reasonably have, and a loop that ends. */
const PAGES_MAX = 100;
/** Between two tokens that are made only because something was refused. */
const RENEWED_MS_MIN = 60_000;
const PER_PAGE = 100;

export interface GithubOptions {
  /** `https://api.github.com`, or `https://<host>/api/v3`. */
  readonly apiUrl: string;
  readonly appId: number;
  readonly privateKey: string;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** GitHub's own unless said otherwise. */
  readonly limits?: BudgetLimits;
  /** After this long without an answer a call counts as lost. */
  readonly callTimeoutMs?: number;
  readonly fetch?: typeof fetch;
}

export type Parameters = Readonly<Record<string, unknown>>;

/** Whose token a call carries: that of an installation, or of the app itself. */
export type Caller = { readonly installation: string } | "app";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Calls GitHub as our app; failures come back as values, and a rate limit that was announced is obeyed. */
export interface GithubClient {
  /** Any call; `data` is what came, unread. */
  send(
    caller: Caller,
    route: string,
    parameters: Parameters,
    weight?: Weight,
  ): Promise<VcsResult<RawAnswer>>;
  /** A call whose answer has a shape. */
  call<T>(
    caller: Caller,
    route: string,
    parameters: Parameters,
    shape: z.ZodType<T>,
    weight?: Weight,
  ): Promise<VcsResult<T>>;
  /** All pages of a list, or as many as `enough` asks for. */
  pages<T>(
    caller: Caller,
    route: string,
    parameters: Parameters,
    shape: z.ZodType<readonly T[]>,
    enough?: (page: readonly T[]) => boolean,
    weight?: Weight,
  ): Promise<VcsResult<readonly T[]>>;
  /** A query or a mutation. What was refused is `null` in the answer, with the reason under `errors`. */
  query<T>(
    caller: Caller,
    query: string,
    variables: Parameters,
    shape: z.ZodType<T>,
    weight?: Weight,
  ): Promise<VcsResult<T>>;
  /** What is left of what GitHub lets each installation do. */
  budgets(): readonly InstallationBudget[];
}

/** Addresses a repository by its id: a name can be taken over by somebody else (S15). */
export function repositoryPath(path: string): string {
  return `/repositories/{repository_id}${path}`;
}

export function of(repo: RepositoryRef): { readonly repository_id: string } {
  return { repository_id: repo.id };
}

export function ok<T>(value: T): VcsResult<T> {
  return { kind: "ok", value };
}

export function createClient(options: GithubOptions): GithubClient {
  const octokit = new Octokit({
    baseUrl: options.apiUrl,
    userAgent: options.userAgent,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    ...(options.fetch === undefined ? {} : { request: { fetch: options.fetch } }),
  });
  const auth = createAppAuth({
    appId: options.appId,
    privateKey: options.privateKey,
    request: octokit.request,
  });
  const callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const appToken = async () => (await auth({ type: "app" })).token;
  // Not by the library, which has no deadline for it, and one line of waiters for all hosts: two of them may each have an
  // installation 1, and one's token would go to the other.
  const tokens = new Tokens(options.now, async (installation) => {
    const route = "POST /app/installations/{installation_id}/access_tokens";
    const minted = await octokit.request(route, {
      installation_id: Number(installation),
      headers: { authorization: `bearer ${await appToken()}` },
      request: { signal: AbortSignal.timeout(callTimeoutMs) },
    });
    return minted.data.token;
  });
  const context: Context = {
    octokit,
    now: options.now,
    token: async (caller, refresh) =>
      caller === "app" ? await appToken() : await tokens.of(caller.installation, refresh),
    etags: new EtagCache(),
    limits: options.limits ?? GITHUB_LIMITS,
    callTimeoutMs,
    callers: new Map(),
  };
  return {
    send: (caller, route, parameters, weight) => send(context, caller, route, parameters, weight),
    call: async (caller, route, parameters, shape, weight) => {
      const answer = await send(context, caller, route, parameters, weight);
      return answer.kind === "ok" ? read(answer.value.data, shape, route) : answer;
    },
    pages: (caller, route, parameters, shape, enough, weight) =>
      readPages(context, caller, { route, parameters, weight }, shape, enough),
    query: async (caller, query, variables, shape, weight) => {
      const parameters = { baseUrl: graphqlBase(options.apiUrl), query, variables };
      const answer = await send(context, caller, GRAPHQL, parameters, weight);
      return answer.kind === "ok" ? read(answer.value.data, shape, GRAPHQL) : answer;
    },
    budgets: () => budgetsOf(context),
  };
}

const GRAPHQL = "POST /graphql";

/** An Enterprise Server has REST below `/api/v3` and GraphQL beside that. */
function graphqlBase(apiUrl: string): string {
  return apiUrl.replace(/\/api\/v3\/?$/, "/api");
}

function silent(): void {}

/** Not of the app itself, which does next to nothing. */
function budgetsOf(context: Context): readonly InstallationBudget[] {
  const now = context.now();
  return [...context.callers.values()].flatMap(({ name, budget, slots, closedUntil, putOff }) =>
    name === APP
      ? []
      : [
          {
            installation: name,
            allowances: budget.allowances(now),
            closedUntil: closedUntil > now ? closedUntil : undefined,
            running: slots.running,
            waiting: slots.waiting,
            putOff,
          },
        ],
  );
}

interface Context {
  readonly octokit: Octokit;
  readonly now: () => number;
  readonly token: (caller: Caller, refresh: boolean) => Promise<string>;
  readonly etags: EtagCache;
  readonly limits: BudgetLimits;
  readonly callTimeoutMs: number;
  readonly callers: Map<string, CallerState>;
}

/** What one installation, or the app itself, may still do. */
interface CallerState {
  readonly name: string;
  /** Another one as soon as an answer says that other limits hold. */
  budget: Budget;
  readonly slots: Slots;
  /** It was told to stay away until then. */
  closedUntil: number;
  /** When a refusal was last a reason for a new token. */
  renewedAt: number;
  /** Calls that were put off, as too little was left. */
  putOff: number;
}

const APP = "app";

function stateOf(context: Context, caller: Caller): CallerState {
  const name = caller === "app" ? APP : caller.installation;
  let state = context.callers.get(name);
  if (state === undefined) {
    state = {
      name,
      budget: new Budget(context.limits),
      slots: new Slots(),
      closedUntil: 0,
      renewedAt: 0,
      putOff: 0,
    };
    context.callers.set(name, state);
  }
  return state;
}

async function send(
  context: Context,
  caller: Caller,
  route: string,
  parameters: Parameters,
  weight: Weight = "usual",
): Promise<VcsResult<RawAnswer>> {
  const state = stateOf(context, caller);
  const now = context.now();
  // Whoever keeps calling while limited is limited for longer, up to being locked out.
  const told = state.closedUntil - now;
  if (told > 0) return { ...wait("GitHub asked us to wait", told), waitsForAll: true };
  const asked = isMutation(parameters) ? `${route}#mutation` : route;
  const own = state.budget.admit(asked, now, weight);
  if (own > 0) state.putOff += 1;
  if (own > 0)
    return wait("GitHub's limits for this installation are nearly used up; we wait", own);
  return await state.slots.run(() => sendNow(context, caller, state, route, parameters));
}

function isMutation({ query }: Parameters): boolean {
  return typeof query === "string" && query.trimStart().startsWith("mutation");
}

function wait(why: string, ms: number): Extract<VcsFailure, { kind: "unavailable" }> {
  const message = `${why} ${Math.ceil(ms / 1000)} s before the next call.`;
  return { kind: "unavailable", message, retryAfterMs: ms };
}

async function sendNow(
  context: Context,
  caller: Caller,
  state: CallerState,
  route: string,
  parameters: Parameters,
): Promise<VcsResult<RawAnswer>> {
  let tried = await attempt(context, caller, state.name, route, parameters, false);
  // A token can be revoked before its time; the next one is good, or the app itself is not.
  if (tried.kind === "thrown" && mayBeOldToken(context, state, tried.error)) {
    tried = await attempt(context, caller, state.name, route, parameters, true);
  }
  const unchanged = tried.kind === "ok" ? tried.unchanged : undefined;
  if (unchanged !== undefined) state.budget.unchanged();
  const told = unchanged ?? (tried.kind === "ok" ? tried.value.headers : headersOf(tried.error));
  if (told !== undefined) {
    const limits = hasNoLimits(told) ? NO_LIMITS : context.limits;
    if (state.budget.limits !== limits) state.budget = new Budget(limits);
    state.budget.heard(told);
  }
  if (tried.kind === "ok") return tried;
  const until = limitedUntil(tried.error, context.now());
  if (until !== undefined) state.closedUntil = until;
  return explain(tried.error, route, until === undefined ? undefined : until - context.now());
}

/** A permission granted since does not reach tokens made before; so a refusal is no reason for a new one each time. */
function mayBeOldToken(context: Context, state: CallerState, error: unknown): boolean {
  if (statusOf(error) === 401) return true;
  if (statusOf(error) !== 403 || !/not accessible by integration/i.test(String(error)))
    return false;
  const now = context.now();
  if (now - state.renewedAt < RENEWED_MS_MIN) return false;
  state.renewedAt = now;
  return true;
}

type Attempt =
  | {
      readonly kind: "ok";
      readonly value: RawAnswer;
      /** The headers of the answer that said that nothing changed: those of `value` are of another hour. */
      readonly unchanged?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "thrown"; readonly error: unknown };

async function attempt(
  context: Context,
  caller: Caller,
  who: string,
  route: string,
  parameters: Parameters,
  refresh: boolean,
): Promise<Attempt> {
  const key = context.etags.key(who, route, parameters);
  const known = key === undefined ? undefined : context.etags.get(key);
  try {
    const token = await context.token(caller, refresh);
    const { request, headers, ...rest } = parameters;
    const answer: Answered = await context.octokit.request(route, {
      ...rest,
      headers: {
        authorization: `bearer ${token}`,
        ...(known === undefined ? {} : { "if-none-match": known.etag }),
        ...(headers as Readonly<Record<string, string>> | undefined),
      },
      request: {
        signal: AbortSignal.timeout(context.callTimeoutMs),
        ...(request as object | undefined),
      },
    });
    if (key !== undefined) context.etags.put(key, answer);
    return { kind: "ok", value: answer };
  } catch (error) {
    // Unchanged: costs nothing of the hourly budget.
    if (known !== undefined && statusOf(error) === 304) {
      return { kind: "ok", value: known.answer, unchanged: headersOf(error) ?? {} };
    }
    return { kind: "thrown", error };
  }
}

export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  return typeof error.status === "number" ? error.status : undefined;
}

/** A 200 that is not what it should be is the work of a proxy or an incident, and may pass. */
function read<T>(data: unknown, shape: z.ZodType<T>, route: string): VcsResult<T> {
  const parsed = shape.safeParse(data);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
  const failure: VcsFailure = {
    kind: "unavailable",
    message: `GitHub gave an answer to ${route} that Terrane cannot read${where}.`,
    retryAfterMs: undefined,
  };
  return failure;
}

async function readPages<T>(
  context: Context,
  caller: Caller,
  list: {
    readonly route: string;
    readonly parameters: Parameters;
    readonly weight: Weight | undefined;
  },
  shape: z.ZodType<readonly T[]>,
  enough: ((page: readonly T[]) => boolean) | undefined,
): Promise<VcsResult<readonly T[]>> {
  const all: T[] = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const parameters = { ...list.parameters, per_page: PER_PAGE, page };
    const answer = await send(context, caller, list.route, parameters, list.weight);
    if (answer.kind !== "ok") return answer;
    const items = read(answer.value.data, shape, list.route);
    if (items.kind !== "ok") return items;
    all.push(...items.value);
    const { link } = answer.value.headers;
    const more = typeof link === "string" && link.includes('rel="next"');
    if (!more || enough?.(items.value) === true) return ok(all);
  }
  const message = `GitHub lists more than ${PAGES_MAX * PER_PAGE} entries at ${list.route}; Terrane reads no further.`;
  return { kind: "rejected", message };
}
