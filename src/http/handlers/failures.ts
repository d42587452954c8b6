import type { Handlers } from "../api.ts";
import { notFound } from "../errors.ts";
import type { Services } from "../services.ts";
import { iso } from "../view/words.ts";

export function failureHandlers({ failures }: Services): Pick<Handlers, "setAside" | "repeat"> {
  return {
    async setAside() {
      const all = await failures.setAside();
      return all.map((one) => ({ ...one, since: iso(one.since) }));
    },
    async repeat({ params }) {
      const repeated = await failures.repeat(params["id"] ?? "");
      if (repeated === undefined) throw notFound("event or effect that is set aside");
      return { ok: true };
    },
  };
}
