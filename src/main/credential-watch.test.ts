import { expect, test } from "vitest";
import type { Credential, VcsResult } from "../ports/vcs.ts";
import { watchCredentials } from "./credential-watch.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse("2026-11-22T20:00:00Z");

/** A watch over one VCS whose credential a test sets. */
function watched(state: Credential["state"]) {
  const at = { now: START, asked: 0, answer: answerOf(state) };
  const lines: string[] = [];
  let values: () => Promise<Readonly<Record<string, number>>> = () => Promise.resolve({});
  const watch = watchCredentials({
    connections: {
      keys: () => ["local", "forge"],
      vcs: {
        get: (key) =>
          key === "local"
            ? {}
            : {
                credential: () => {
                  at.asked += 1;
                  return Promise.resolve(at.answer);
                },
              },
      },
    },
    metrics: {
      gauges: (_name, _help, _label, read) => {
        values = read;
      },
    },
    log: {
      debug() {},
      info() {},
      warn: (_what: unknown, text?: string) => lines.push(text ?? ""),
      error() {},
    },
    now: () => at.now,
  });
  return { at, watch, lines, values: () => values() };
}

function answerOf(state: Credential["state"]): VcsResult<Credential> {
  return { kind: "ok", value: { name: "The token", renew: "Rotate it.", state } };
}

test("what lasts is not spoken of, and GitLab is asked once an hour", async () => {
  const { at, watch, lines, values } = watched({ kind: "good", endsAt: START + 30 * DAY });
  for (let minute = 0; minute < 120; minute += 1) {
    await watch.look();
    at.now += 60_000;
  }
  expect(at.asked).toBe(2);
  expect([lines, watch.notices()]).toEqual([[], []]);
  expect(await values()).toEqual({ forge: 30 * 24 * 3_600 - 2 * 3_600 });
});

test("what ends within 14 days is in the log once a day, and is told with what to do until it is renewed", async () => {
  const { at, watch, lines } = watched({ kind: "good", endsAt: START + 15 * DAY });
  for (let hour = 0; hour < 4 * 24; hour += 1) {
    await watch.look();
    at.now += HOUR;
  }
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain("The token expires in 14 days");
  const [notice] = watch.notices();
  expect(notice).toMatchObject({ vcs: "forge", next: "Rotate it." });
  expect(notice?.message).toContain("in 11 days");
  at.answer = answerOf({ kind: "good", endsAt: at.now + 365 * DAY });
  at.now += HOUR;
  await watch.look();
  expect(watch.notices()).toEqual([]);
});

test("one that is refused is told at once, and one that cannot be asked for is as it was", async () => {
  const { at, watch, lines, values } = watched({ kind: "refused", message: "It was revoked." });
  await watch.look();
  expect(lines).toEqual(["It was revoked."]);
  expect(await values()).toEqual({ forge: 0 });
  at.answer = { kind: "unavailable", message: "away", retryAfterMs: undefined };
  at.now += HOUR;
  await watch.look();
  expect(watch.notices()).toMatchObject([{ message: "It was revoked." }]);
});
