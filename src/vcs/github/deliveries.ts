import type { DeliveryLog, Missed, MissedDelivery, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import { doubtIn } from "./doubt.ts";
import { happening } from "./happening.ts";
import { deliveryListSchema } from "./schema.ts";

const PER_PAGE = 100;
/** 10,000 deliveries: what one look reads at most. */
const PAGES_MAX = 100;

/** Of what is heeded: commands, pressed buttons, merge queues and what pull requests became. */
const URGENT: ReadonlySet<string> = new Set([
  "issue_comment",
  "merge_group",
  "pull_request",
  "pull_request_review",
  "check_run",
  "check_suite",
]);

/** GitHub's own list of what it sent to the app. */
export function createDeliveryLog(client: GithubClient): DeliveryLog {
  return {
    kind: "github",
    missed: (range) => missedDeliveries(client, range),
    redeliver: (id) => redeliver(client, id),
  };
}

/**
 * Events since `sinceMs` of which no attempt succeeded. GitHub does not try again by itself and forgets
 * after three days (S21).
 */
async function missedDeliveries(
  client: GithubClient,
  { sinceMs, from }: Parameters<DeliveryLog["missed"]>[0],
): Promise<VcsResult<Missed>> {
  const missed = new Map<string, MissedDelivery>();
  const taken = new Set<string>();
  let cursor = from;
  for (let page = 0; page < PAGES_MAX; page++) {
    const wanted = { per_page: PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await client.send("app", "GET /app/hook/deliveries", wanted);
    if (answer.kind !== "ok") return answer;
    const parsed = deliveryListSchema.safeParse(answer.value.data);
    if (!parsed.success) {
      const message = "GitHub's delivery log cannot be read.";
      return { kind: "unavailable", message, retryAfterMs: undefined };
    }
    for (const { id, guid, delivered_at, status_code, redelivery, event, action } of parsed.data) {
      const deliveredAtMs = Date.parse(delivered_at);
      const over = redelivery === true && isRejection(status_code);
      if (over || (status_code >= 200 && status_code < 300)) taken.add(guid);
      else if (deliveredAtMs >= sinceMs && isHeeded(event, action ?? undefined))
        missed.set(guid, { id, guid, deliveredAtMs, urgent: URGENT.has(event) });
    }
    const last = parsed.data.at(-1);
    cursor = nextCursor(answer.value.headers["link"]);
    if (last === undefined || Date.parse(last.delivered_at) < sinceMs) cursor = undefined;
    if (cursor === undefined) break;
  }
  const deliveries = [...missed.values()].filter(({ guid }) => !taken.has(guid)).toReversed();
  return ok({ deliveries, ...(cursor === undefined ? {} : { next: cursor }) });
}

/** Most of what GitHub sends is about checks and jobs, and nothing ever follows from it. */
function isHeeded(event: string, action: string | undefined): boolean {
  // Without its body it is unreadable where somebody would read it.
  const empty = undefined;
  return (
    happening(event, action, empty, "") !== undefined || doubtIn(event, action, empty) !== undefined
  );
}

/** We read it and will not have it. Once more may help, where a secret was wrong; a third time would not. */
function isRejection(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Lets GitHub send it once more, under the same id. */
async function redeliver(client: GithubClient, id: string): Promise<VcsResult<void>> {
  const route = "POST /app/hook/deliveries/{delivery_id}/attempts";
  const sent = await client.send("app", route, { delivery_id: id });
  return sent.kind === "ok" ? ok(undefined) : sent;
}

function nextCursor(link: string | number | undefined): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(String(link ?? ""))?.[1];
  return next === undefined ? undefined : (new URL(next).searchParams.get("cursor") ?? undefined);
}
