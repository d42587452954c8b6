import { expect, test } from "vitest";
import type { Missed } from "../../ports/vcs.ts";
import type { GithubClient } from "./client.ts";
import { createDeliveryLog } from "./deliveries.ts";

type Attempt = readonly [status: number, redelivery: boolean];

/** What GitHub's log says of one delivery, newest first as it lists them. */
async function isAskedFor(...attempts: readonly Attempt[]): Promise<boolean> {
  const data = attempts.toReversed().map(([status, redelivery], index) => ({
    id: index + 1,
    guid: "delivery",
    delivered_at: "2026-03-01T14:05:00Z",
    status_code: status,
    redelivery,
    event: "push",
  }));
  return (await lookAt(async () => ({ data, headers: {} }))).deliveries.length > 0;
}

type Page = { readonly data: readonly unknown[]; readonly headers: object };

async function lookAt(
  page: (cursor: string | undefined) => Promise<Page>,
  from?: string,
): Promise<Missed> {
  const send = async (_app: string, _route: string, { cursor }: { readonly cursor?: string }) => ({
    kind: "ok",
    value: { status: 200, ...(await page(cursor)) },
  });
  const log = createDeliveryLog({ send } as unknown as GithubClient);
  const missed = await log.missed({ sinceMs: 0, ...(from === undefined ? {} : { from }) });
  if (missed.kind !== "ok") throw new Error(missed.message);
  return missed.value;
}

test.each<[what: string, asked: boolean, attempts: readonly Attempt[]]>([
  ["one that we rejected", true, [[401, false]]],
  [
    "one that we rejected twice",
    false,
    [
      [401, false],
      [401, true],
    ],
  ],
  [
    "one that was lost and then rejected",
    false,
    [
      [0, false],
      [400, true],
    ],
  ],
  [
    "one that found us busy again and again",
    true,
    [
      [503, false],
      [503, true],
      [429, true],
    ],
  ],
  [
    "one that came in the end",
    false,
    [
      [503, false],
      [200, true],
    ],
  ],
])("S21 of deliveries, %s is asked for again: %s", async (_, asked, attempts) => {
  expect(await isAskedFor(...attempts)).toBe(asked);
});

/** Lost, the last of them first. */
function lost(...events: readonly (readonly [event: string, action: string | null])[]) {
  return events.map(([event, action], index) => ({
    id: index + 1,
    guid: `${event}.${action}`,
    delivered_at: "2026-03-01T14:05:00Z",
    status_code: 0,
    redelivery: false,
    event,
    action,
  }));
}

test("S21 what nothing would follow from is not asked for again, and commands are urgent", async () => {
  const data = lost(
    ["check_run", "completed"],
    ["check_run", "requested_action"],
    ["check_suite", "completed"],
    ["issue_comment", "edited"],
    ["issue_comment", "created"],
    ["pull_request", "labeled"],
    ["pull_request", "synchronize"],
    ["workflow_run", "requested"],
    ["workflow_run", "completed"],
    ["installation", "suspend"],
    ["merge_group", "checks_requested"],
    ["push", null],
    ["star", "created"],
  );
  const { deliveries } = await lookAt(async () => ({ data, headers: {} }));
  expect(deliveries.map(({ guid, urgent }) => [guid, urgent])).toEqual([
    ["push.null", false],
    ["merge_group.checks_requested", true],
    ["installation.suspend", false],
    ["workflow_run.completed", false],
    ["pull_request.synchronize", true],
    ["issue_comment.created", true],
    ["check_run.requested_action", true],
  ]);
});

test("S21 a look at a long log says where it ended, and the next one goes on from there", async () => {
  const asked: (string | undefined)[] = [];
  const page = async (cursor: string | undefined) => {
    asked.push(cursor);
    const next = `https://api.github.com/app/hook/deliveries?cursor=${Number(cursor ?? 0) + 1}`;
    return { data: lost(["push", null]), headers: { link: `<${next}>; rel="next"` } };
  };
  const first = await lookAt(page);
  expect(first.next).toBe("100");
  expect((await lookAt(page, first.next)).next).toBe("200");
  expect(asked.slice(0, 2)).toEqual([undefined, "1"]);
  expect(asked.slice(99, 102)).toEqual(["99", "100", "101"]);
});
