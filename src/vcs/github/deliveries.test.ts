import { expect, test } from "vitest";
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
  const send = async () => ({ kind: "ok", value: { status: 200, data, headers: {} } });
  const missed = await createDeliveryLog({ send } as unknown as GithubClient).missed(0);
  if (missed.kind !== "ok") throw new Error(missed.message);
  return missed.value.length > 0;
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
