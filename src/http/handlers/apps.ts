import type { Handlers } from "../api.ts";
import type { AppResult } from "../apps.ts";
import { Problem } from "../errors.ts";
import type { Services } from "../services.ts";
import { idOf } from "./params.ts";

type AppHandlers = Pick<
  Handlers,
  "apps" | "appOffer" | "beginApp" | "completeApp" | "addApp" | "removeApp" | "checkApp" | "mendApp"
>;

export function appHandlers({ apps }: Services): AppHandlers {
  return {
    apps: async () => [...(await apps.list())],
    appOffer: ({ query }) => Promise.resolve(valueOf(apps.offer(query("host")))),
    beginApp: async ({ caller, body }) => valueOf(await apps.begin(caller, body)),
    completeApp: async ({ caller, body }) => valueOf(await apps.complete(caller, body)),
    addApp: async ({ body }) => valueOf(await apps.add(body)),
    async removeApp({ params }) {
      valueOf(await apps.remove(idOf(params["key"])));
      return { ok: true };
    },
    checkApp: async ({ params }) => valueOf(await apps.check(idOf(params["key"]))),
    mendApp: async ({ params }) => valueOf(await apps.mend(idOf(params["key"]))),
  };
}

function valueOf<T>(result: AppResult<T>): T {
  if (result.kind === "ok") return result.value;
  const { status, code, message, next } = result;
  throw new Problem(status, code, message, next === undefined ? {} : { next });
}
