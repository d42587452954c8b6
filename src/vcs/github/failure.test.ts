import { expect, test } from "vitest";
import { explain, limitedUntil } from "./failure.ts";

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

function thrown(
  status: number,
  headers: Record<string, unknown> = {},
  message = "No.",
  data: unknown = {},
) {
  return { status, message, response: { headers, data } };
}

const RESET = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 90) };

test.each([
  ["403 with retry-after", thrown(403, { "retry-after": "7" }), 7_000],
  ["429 with retry-after", thrown(429, { "retry-after": 7 }), 7_000],
  ["429 without a word", thrown(429), MINUTE],
  ["an exhausted hour", thrown(403, RESET), 90_000],
  [
    "an exhausted hour that should be over",
    thrown(403, { ...RESET, "x-ratelimit-reset": "5" }),
    1_000,
  ],
  ["an exhausted hour without an end", thrown(403, { "x-ratelimit-remaining": 0 }), MINUTE],
  ["only words", thrown(403, {}, "You have exceeded a secondary rate limit."), MINUTE],
  ["a wait of days", thrown(429, { "retry-after": "999999" }), 60 * MINUTE],
  ["a wait that is no number", thrown(429, { "retry-after": "soon" }), MINUTE],
  ["no permission", thrown(403, { "x-ratelimit-remaining": "4999" }), undefined],
  ["something else", thrown(404, { "retry-after": "7" }), undefined],
  ["no answer at all", new Error("connect ECONNREFUSED"), undefined],
])("a rate limit is recognised: %s", (_, error, wait) => {
  expect(limitedUntil(error, NOW)).toBe(wait === undefined ? undefined : NOW + wait);
});

test.each([
  ["no answer", new Error("socket hang up"), "unavailable"],
  ["what is no error", "nothing", "unavailable"],
  ["401", thrown(401), "forbidden"],
  ["403", thrown(403), "forbidden"],
  [
    "a file over 100 MB",
    thrown(403, {}, "Too large", { errors: [{ code: "too_large" }] }),
    "rejected",
  ],
  ["404", thrown(404), "not_found"],
  ["410", thrown(410), "not_found"],
  ["405", thrown(405), "rejected"],
  ["409", thrown(409), "rejected"],
  ["422", thrown(422), "rejected"],
  ["408", thrown(408), "unavailable"],
  ["500", thrown(500), "unavailable"],
  ["502", thrown(502, {}, "<html>Unicorn!</html>"), "unavailable"],
])("%s means %s", (_, error, kind) => {
  expect(explain(error, "GET /x", undefined).kind).toBe(kind);
});

test("a page of HTML is not repeated to people, and a long message is cut", () => {
  const page = explain(thrown(502, {}, "<!DOCTYPE html><p>Unicorn!"), "GET /x", undefined);
  expect(page.message).toBe("GitHub answered 502 to GET /x: a page instead of an answer");
  const long = explain(thrown(422, {}, "x".repeat(10_000)), "GET /x", undefined);
  expect(long.message.length).toBeLessThan(600);
});
