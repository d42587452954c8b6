import type { PullRequestDetail } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import type { Tally } from "./tally.ts";
import { type PullRef, settled } from "./watch.ts";

/** More rounds than any graph of the demo is deep; a loop that does not end is a problem, not a wait. */
const ROUNDS_MAX = 50;

/**
 * Applies layer by layer: what is planned is applied, what stood behind it is planned then, reviewed by the same
 * approval and applied in the next round. True when everything is applied or unchanged.
 */
export async function applyAll(
  api: Api,
  pull: PullRef,
  as: string,
  tally: Tally,
  options: Parameters<typeof settled>[2] & { readonly say: (text: string) => void },
): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = await settled(api, pull, options);
    const ready = keysIn(before, "planned");
    if (ready.length === 0) return isDone(before);
    options.say(`@${as} comments \`terrane apply\`: ${ready.join(", ")}`);
    const after = await command(api, pull, as, "terrane apply", options);
    if (tally.refusals(after)) return false;
    const failed = after.dirspaces.filter((one) => one.phase === "apply_failed");
    if (failed.length > 0) return false;
  }
  return false;
}

/** Comments and waits until the answer is there and everything that follows from it has ended. */
export async function command(
  api: Api,
  pull: PullRef,
  as: string,
  text: string,
  options: Parameters<typeof settled>[2],
): Promise<PullRequestDetail> {
  const before = await api("pullRequest", { ...pull });
  await api("comment", { ...pull }, { body: text, as });
  return settled(api, pull, {
    ...options,
    until: (detail) => detail.notice !== null && detail.notice.at !== before.notice?.at,
  });
}

export function isDone(detail: PullRequestDetail): boolean {
  return detail.dirspaces.every((one) => one.phase === "applied" || one.phase === "unchanged");
}

export function keysIn(detail: PullRequestDetail, phase: string): readonly string[] {
  return detail.dirspaces.filter((one) => one.phase === phase).map((one) => one.key);
}
