import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { checkQuarantine } from "./doctor-checks.ts";

const BECAUSE = "system 7, timeline 1 became system 7, timeline 2";
const ABOUT = { version: "1.2.3", vcs: ["local"], actor: "ann", database: "external" };
const TOKEN = "a-token-that-is-long-enough-for-a-test";

async function findings(quarantine: unknown, more: object = {}) {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ ...ABOUT, quarantine, ...more }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await checkQuarantine("/nowhere", { TERRANE_SERVER: url, TERRANE_TOKEN: TOKEN });
  } finally {
    server.close();
  }
}

test("doctor says since when and why nothing is applied", async () => {
  const [found] = await findings({ since: Date.UTC(2026, 0, 2), because: BECAUSE });
  expect(found).toMatchObject({
    state: "note",
    detail: `nothing is applied since 2026-01-02T00:00:00.000Z: ${BECAUSE}`,
  });
  expect(found?.next).toMatch(/ends by itself/);
});

test("doctor says that a server applies, and nothing where none runs", async () => {
  expect(await findings(null)).toMatchObject([{ state: "ok", next: undefined }]);
  expect(await checkQuarantine("/nowhere", {})).toEqual([]);
});

test("doctor says what of a VCS ends soon, and what to do about it", async () => {
  const notices = [{ vcs: "forge", message: "The token expires in 3 days.", next: "Rotate it." }];
  expect(await findings(null, { notices })).toMatchObject([
    { state: "ok" },
    { name: "forge", state: "note", detail: "The token expires in 3 days.", next: "Rotate it." },
  ]);
});
