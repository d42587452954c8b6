import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashSecret } from "../../src/http/auth.ts";
import { createSessions } from "../../src/http/session.ts";
import { sessionStore } from "../../src/store/sessions.ts";
import { HOST, type HttpLab, httpLab, TOKEN } from "../support/http-lab.ts";

let http: HttpLab;

beforeAll(async () => {
  http = await httpLab();
});

afterAll(() => http.close());

const OWN = { "x-terrane": "1", origin: `http://${HOST}` };

function statements() {
  return http.lab.database.statements;
}

/** As the database sees it. */
async function passes(hours: number): Promise<void> {
  const ago = sql`${hours} * interval '1 hour'`;
  await sql`
    update session set opened_at = opened_at - ${ago}, used_at = used_at - ${ago}
  `.execute(statements());
}

async function signIn(): Promise<{ readonly cookie: string; readonly full: string }> {
  const response = await http.ask("/api/v1/session", { body: { token: TOKEN }, headers: OWN });
  expect(response.status).toBe(200);
  const full = response.headers.get("set-cookie") ?? "";
  return { cookie: full.split(";")[0] ?? "", full };
}

/** What the dashboard sends to change something; which repository does not matter here. */
async function change(headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await http.ask("/api/v1/repositories", { body: { name: "infra" }, headers });
  return response.status;
}

/** Past every guard: this server keeps no repositories of its own. */
const LET_THROUGH = 409;

test("T21 the cookie is for our own pages only, and scripts cannot read it", async () => {
  const { full } = await signIn();
  expect(full).toMatch(/HttpOnly/);
  expect(full).toMatch(/SameSite=Strict/);
  expect(full).toMatch(/Path=\//);
});

test("T21 every session is another secret", async () => {
  expect((await signIn()).cookie).not.toBe((await signIn()).cookie);
});

test("a session reads", async () => {
  const { cookie } = await signIn();
  expect((await http.ask("/api/v1/server", { headers: { cookie } })).status).toBe(200);
});

test.each<[string, Readonly<Record<string, string>>, number]>([
  ["with our header and our origin", OWN, LET_THROUGH],
  [
    "with our header and same-origin",
    { "x-terrane": "1", "sec-fetch-site": "same-origin" },
    LET_THROUGH,
  ],
  ["without our header", { origin: `http://${HOST}` }, 403],
  ["with our header from another origin", { ...OWN, origin: "http://evil.example" }, 403],
  ["with our header from no origin", { ...OWN, origin: "null" }, 403],
  ["with our header and another site", { "x-terrane": "1", "sec-fetch-site": "cross-site" }, 403],
  ["with our header and no sign at all", { "x-terrane": "1" }, 403],
])("T20 a session changes something %s, or not", async (_name, headers, status) => {
  const { cookie } = await signIn();
  expect(await change({ cookie, ...headers })).toBe(status);
});

test("a bearer token changes something without any of that: no browser sends it by itself", async () => {
  expect(await change({ authorization: `Bearer ${TOKEN}` })).toBe(LET_THROUGH);
});

test("T20 another site cannot sign anybody in", async () => {
  for (const headers of [{}, { "x-terrane": "1", origin: "http://evil.example" }]) {
    const response = await http.ask("/api/v1/session", { body: { token: TOKEN }, headers });
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie")).toBeNull();
  }
});

test("a wrong token makes no session, and many of them have to wait", async () => {
  const statuses: number[] = [];
  for (let tried = 0; tried < 32; tried++) {
    const body = { token: "wrong" };
    const response = await http.ask("/api/v1/session", { body, headers: OWN });
    expect(response.headers.get("set-cookie")).toBeNull();
    statuses.push(response.status);
  }
  expect(statuses[0]).toBe(401);
  expect(statuses.at(-1)).toBe(429);
  http.now += 61_000;
  await signIn();
});

test("T21 a session ends when it is left alone for twelve hours, and after a week in any case", async () => {
  const idle = await signIn();
  const used = await signIn();
  const reads = async ({ cookie }: { readonly cookie: string }) =>
    (await http.ask("/api/v1/server", { headers: { cookie } })).status;
  for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
    await passes(6);
    expect(await reads(used)).toBe(200);
  }
  expect(await reads(idle)).toBe(401);
  await passes(7);
  expect(await reads(used)).toBe(401);
});

test("a session that one server opened is one of every server of the database, until it is closed", async () => {
  const [here, there] = [http, http].map(({ lab }) =>
    createSessions(sessionStore(lab.database), hashSecret(TOKEN)),
  );
  const secret = (await here?.open()) ?? "";
  expect(await there?.check(secret)).toBe(true);
  expect(await there?.check(`${secret}x`)).toBe(false);
  await there?.close(secret);
  expect(await here?.check(secret)).toBe(false);
});

test("of a thousand sessions the one that was not used for longest makes room", async () => {
  const sessions = createSessions(sessionStore(http.lab.database), hashSecret(TOKEN));
  const first = await sessions.open();
  await sql`update session set used_at = used_at - interval '1 hour'`.execute(statements());
  const second = await sessions.open();
  await sql`
    insert into session (hash) select sha256(n::text::bytea) from generate_series(1, 998) n
  `.execute(statements());
  await sessions.open();
  expect([await sessions.check(first), await sessions.check(second)]).toEqual([false, true]);
});

test("signing out ends the session on the server", async () => {
  const { cookie } = await signIn();
  const headers = { cookie, ...OWN };
  expect((await http.ask("/api/v1/session", { method: "DELETE", headers })).status).toBe(200);
  expect((await http.ask("/api/v1/server", { headers: { cookie } })).status).toBe(401);
});

test("T21 another token ends all that the one before it opened", async () => {
  const store = sessionStore(http.lab.database);
  const secret = await createSessions(store, hashSecret("the token that leaked")).open();
  const check = (token: string) => createSessions(store, hashSecret(token)).check(secret);
  expect(await check("the token that leaked")).toBe(true);
  expect(await check("the next token")).toBe(false);
});
