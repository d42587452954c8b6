import { expect, test } from "vitest";
import { EtagCache } from "./etag.ts";

const answer = (data: unknown, headers: Record<string, string | number> = { etag: 'W/"1"' }) => ({
  status: 200,
  headers,
  data,
});

function keyOf(cache: EtagCache, who = "7", page = 1): string {
  return cache.key(who, "GET /pulls", { page }) ?? "";
}

test("an answer is remembered for the same question of the same caller only", () => {
  const cache = new EtagCache();
  cache.put(keyOf(cache), answer("one"));
  expect(cache.get(keyOf(cache))).toMatchObject({ etag: 'W/"1"', answer: { data: "one" } });
  expect(cache.get(keyOf(cache, "8"))).toBeUndefined();
  expect(cache.get(keyOf(cache, "7", 2))).toBeUndefined();
});

test.each([
  ["a write", "POST /pulls", {}],
  ["another media type", "GET /contents", { headers: { accept: "raw" } }],
  ["a stream", "GET /contents", { request: { parseSuccessResponseBody: false } }],
])("%s is never remembered", (_, route, parameters) => {
  expect(new EtagCache().key("7", route, parameters)).toBeUndefined();
});

test.each([
  ["without an ETag", answer("x", {})],
  ["that says it is large", answer("x", { etag: "e", "content-length": "100000" })],
  ["that is large", answer("x".repeat(100_000))],
])("an answer %s is not kept", (_, large) => {
  const cache = new EtagCache();
  cache.put(keyOf(cache), large);
  expect(cache.get(keyOf(cache))).toBeUndefined();
});

test("the answer that was not asked for longest makes room", () => {
  const cache = new EtagCache();
  for (let page = 1; page <= 2_000; page++) cache.put(keyOf(cache, "7", page), answer(page));
  cache.get(keyOf(cache, "7", 1));
  cache.put(keyOf(cache, "7", 2_001), answer("new"));
  expect(cache.get(keyOf(cache, "7", 2))).toBeUndefined();
  expect(cache.get(keyOf(cache, "7", 1))).toBeDefined();
  expect(cache.get(keyOf(cache, "7", 2_001))).toBeDefined();
});
