import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import type * as z from "zod/mini";
import { type BodyOf, type ReplyOf, type RouteName, routes } from "../contract/api.ts";
import type { CallerVariables } from "./auth.ts";
import { readJson } from "./body.ts";
import type { IsStoreAway } from "./errors.ts";
import { appHandlers } from "./handlers/apps.ts";
import { budgetHandlers } from "./handlers/budget.ts";
import { configurationHandlers } from "./handlers/configuration.ts";
import { failureHandlers } from "./handlers/failures.ts";
import { localHandlers } from "./handlers/local.ts";
import { setupHandlers } from "./handlers/setup.ts";
import { viewHandlers } from "./handlers/views.ts";
import { whyHandlers } from "./handlers/why.ts";
import type { Services } from "./services.ts";

/** Comments of 60,000 characters, every one of them escaped. */
const BODY_BYTES_MAX = 1024 * 1024;
const READS_MAX = 4;
const READ_PAUSE_MS = 150;

/** One call of a route; `params` are those of its path, decoded. */
export interface Call<N extends RouteName> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: (name: string) => string | undefined;
  /** A fingerprint of the session or token that asks; the same as long as that is the same. */
  readonly caller: string;
  readonly body: BodyOf<N>;
}

/** A handler for every route of the contract: one that is missing does not compile. */
export type Handlers = {
  readonly [N in RouteName]: (call: Call<N>) => Promise<ReplyOf<N>>;
};

/** The people's door, below `/api/v1`. Who calls is known by now. */
export function apiRoutes(services: Services, isStoreAway: IsStoreAway): Hono<CallerVariables> {
  const patiently = whileStoreIsAway(isStoreAway);
  const handlers: Handlers = {
    ...viewHandlers(services),
    ...localHandlers(services),
    ...configurationHandlers(services),
    ...whyHandlers(services),
    ...failureHandlers(services),
    ...appHandlers(services),
    ...budgetHandlers(services),
    ...setupHandlers(services),
  };
  const app = new Hono<CallerVariables>();
  for (const name of Object.keys(routes) as RouteName[]) mount(app, name, handlers, patiently);
  return app;
}

function mount<N extends RouteName>(
  app: Hono<CallerVariables>,
  name: N,
  handlers: Handlers,
  patiently: Patiently,
): void {
  const route = routes[name];
  const handle: (call: Call<N>) => Promise<ReplyOf<N>> = handlers[name];
  app.on(route.method, route.path, async (context) => {
    const schema = route.body as unknown as z.ZodMiniType<BodyOf<N>>;
    const body = await readJson(context.req.raw, schema, BODY_BYTES_MAX);
    const params: Readonly<Record<string, string>> = context.req.param();
    const caller = context.get("caller");
    const call: Call<N> = { params, query: (key) => context.req.query(key), caller, body };
    const reply = await (route.method === "GET" ? patiently(() => handle(call)) : handle(call));
    return context.json(reply as object);
  });
}

type Patiently = <T>(read: () => Promise<T>) => Promise<T>;

/** A database that restarts drops its connections and is back in a moment: a page that only reads need not know. */
function whileStoreIsAway(isStoreAway: IsStoreAway): Patiently {
  return async (read) => {
    for (let tried = 1; ; tried++) {
      try {
        return await read();
      } catch (error) {
        if (tried === READS_MAX || !isStoreAway(error)) throw error;
        await sleep(READ_PAUSE_MS * tried);
      }
    }
  };
}
