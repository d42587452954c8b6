import type { VcsEvent } from "../../core/vcs-event.ts";
import type { Received } from "../../ports/vcs.ts";
import { doubtIn } from "./doubt.ts";
import { happening } from "./happening.ts";
import { aboutSchema, envelopeSchema } from "./hook-schema.ts";
import { sayable, whyUnheeded } from "./unheeded.ts";

export function rejected(status: 400 | 401 | 413, because: string): Received {
  return { kind: "rejected", status, because };
}

/** What an authentic delivery says, in our words. */
export function translate(
  deliveryId: string,
  name: string,
  payload: unknown,
  appId: string,
): Received {
  const envelope = envelopeSchema.safeParse(payload);
  if (!envelope.success)
    return rejected(400, `The ${sayable(name)} event lacks what every event has.`);
  const { installation, repository } = envelope.data;
  const action = envelope.data.action ?? undefined;
  const full = sayable(action === undefined ? name : `${name}.${action}`);
  const about =
    repository == null ? {} : { about: { repository: repository.id, number: numberIn(payload) } };
  const ignored = (because: string): Received => ({
    kind: "ignored",
    deliveryId,
    because,
    ...about,
  });
  const doubt = doubtIn(name, action, payload);
  if (doubt === "unreadable") return rejected(400, `The ${full} event lacks what it should say.`);
  if (doubt !== undefined) return { kind: "doubt", deliveryId, doubt };
  const found = happening(name, action, payload, appId);
  if (found === undefined) return ignored(whyUnheeded(name, action));
  if (found === "unreadable") return rejected(400, `The ${full} event lacks what it should say.`);
  if (found.kind === "ignored") return ignored(found.because);
  if (installation == null)
    return ignored(`${full} did not come through an installation of the app.`);
  if (repository == null) return ignored(`${full} names no repository.`);
  const event: VcsEvent = {
    deliveryId,
    installation: installation.id,
    repository: {
      id: repository.id,
      fullName: repository.full_name,
      defaultBranch: repository.default_branch,
    },
    what: found.what,
  };
  return { kind: "event", event };
}

/** The pull request that a delivery is about, wherever it says so. */
function numberIn(payload: unknown): number | undefined {
  const found = aboutSchema.safeParse(payload);
  if (!found.success) return undefined;
  const { number, issue, pull_request } = found.data;
  return number ?? pull_request?.number ?? issue?.number;
}
