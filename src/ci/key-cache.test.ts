import { expect, test } from "vitest";
import type { Instant } from "../base/brand.ts";
import { createKeyCache, type KeyCache } from "./key-cache.ts";

const MINUTE = 60_000;

interface Issuer {
  readonly cache: KeyCache;
  readonly requests: () => number;
  publish(...kids: readonly string[]): void;
  answer(document: unknown): void;
  fail(): void;
  advance(ms: number): void;
}

function issuer(): Issuer {
  let document: unknown = { keys: [] };
  let broken = false;
  let requests = 0;
  let now = 1_000_000;
  const fetchJwks = () => {
    requests += 1;
    return broken ? Promise.reject(new Error("connection refused")) : Promise.resolve(document);
  };
  return {
    cache: createKeyCache(fetchJwks, () => now as Instant),
    requests: () => requests,
    publish(...kids) {
      broken = false;
      document = { keys: kids.map((kid) => ({ kty: "RSA", kid, n: "n", e: "AQAB" })) };
    },
    answer(next) {
      document = next;
    },
    fail() {
      broken = true;
    },
    advance(ms) {
      now += ms;
    },
  };
}

async function kind(of: Issuer, kid: string): Promise<string> {
  return (await of.cache.find(kid)).kind;
}

test("keys are read once for ten minutes", async () => {
  const it = issuer();
  it.publish("a", "b");
  expect(await kind(it, "a")).toBe("found");
  it.advance(10 * MINUTE - 1);
  expect(await kind(it, "b")).toBe("found");
  expect(it.requests()).toBe(1);
});

test("a key that the issuer withdrew is refused after ten minutes", async () => {
  const it = issuer();
  it.publish("a");
  await kind(it, "a");
  it.publish("b");
  it.advance(10 * MINUTE);
  expect(await kind(it, "a")).toBe("unknown");
});

test("calls at the same time share one request", async () => {
  const it = issuer();
  it.publish("a");
  const kinds = await Promise.all(["a", "a", "x"].map((kid) => kind(it, kid)));
  expect(kinds).toEqual(["found", "found", "unknown"]);
  expect(it.requests()).toBe(1);
});

test("a key that is new to us is asked for, at most once a minute", async () => {
  const it = issuer();
  it.publish("a");
  await kind(it, "a");
  it.publish("a", "new");
  it.advance(MINUTE - 1);
  expect(await it.cache.find("new")).toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining("1 s"),
  });
  expect(it.requests()).toBe(1);
  it.advance(1);
  expect(await kind(it, "new")).toBe("found");
  for (let n = 0; n < 100; n++) expect(await kind(it, `made-up-${n}`)).toBe("unavailable");
  expect(it.requests()).toBe(2);
});

test("an issuer that cannot be asked is unavailable and proves nothing", async () => {
  const it = issuer();
  it.fail();
  expect(await it.cache.find("a")).toEqual({
    kind: "unavailable",
    message: "The identity cannot be verified now: connection refused.",
  });
  it.publish("a");
  expect(await kind(it, "a")).toBe("found");
});

test.each([undefined, null, [], "keys", {}, { keys: {} }, { keys: Array(101).fill({}) }])(
  "an issuer's answer %j is no key set",
  async (document) => {
    const it = issuer();
    it.answer(document);
    expect(await kind(it, "a")).toBe("unavailable");
  },
);

test("keys of other kinds are left out", async () => {
  const it = issuer();
  it.answer({ keys: [{ kty: "oct", kid: "a", k: "x" }, { kty: "EC", kid: "a" }, null, 7] });
  expect(await kind(it, "a")).toBe("unknown");
});
