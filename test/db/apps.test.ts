import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AppRecord, SealedSecrets } from "../../src/ports/app-store.ts";
import { appStore } from "../../src/store/apps/store.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

const APP: AppRecord = {
  key: "github",
  vcs: "github",
  webUrl: "https://one.example",
  apiUrl: "https://one.example/api/v3",
  appId: "7",
  slug: "terrane",
  name: "Terrane",
  owner: undefined,
  htmlUrl: undefined,
  settings: { upgrades: ["merge"] },
  createdBy: "ann",
};
const SECRETS: SealedSecrets = {
  sealedBy: "abcd",
  privateKey: Uint8Array.of(1, 2, 3),
  webhookSecrets: Uint8Array.of(4),
};
const HASH = (n: number) => new Uint8Array(32).fill(n);
const WISH = { webUrl: APP.webUrl, apiUrl: APP.apiUrl, upgrades: [], withWebhook: true };
const HOUR_MS = 3_600_000;

let file: TestDatabase;
let database: Database;
let store: ReturnType<typeof appStore>;

beforeAll(async () => {
  file = await createTestDatabase();
  database = openDatabase({ url: file.url, log: quiet });
  store = appStore(database);
});
afterAll(async () => {
  await database.close();
  await file.drop();
});
beforeEach(async () => {
  await database.pool.query("delete from app; delete from app_setup; delete from installation");
});

test("an app is read as it was added, and its revision moves when it goes and comes back", async () => {
  expect(await store.add(APP, SECRETS)).toEqual({ kind: "added" });
  const [stored] = await store.apps();
  expect(stored).toMatchObject({ key: "github", appId: "7", settings: { upgrades: ["merge"] } });
  expect([...(stored?.secrets.privateKey ?? [])]).toEqual([1, 2, 3]);
  const before = (await store.revisions()).get("github");
  expect(before).toBe(stored?.revision);
  expect(await store.remove("github")).toBe(true);
  expect(await store.remove("github")).toBe(false);
  expect((await store.revisions()).size).toBe(0);
  expect(await store.add({ ...APP, appId: "8" }, SECRETS)).toEqual({ kind: "added" });
  expect(Number((await store.revisions()).get("github"))).toBeGreaterThan(Number(before));
});

test("nothing of an app's secrets stays behind when it is removed", async () => {
  await store.add(APP, SECRETS);
  await store.remove("github");
  const { rows } = await database.pool.query("select private_key, webhook_secrets from app");
  expect(rows).toEqual([{ private_key: null, webhook_secrets: null }]);
});

test("one App has one key, and of many who add it at once one does", async () => {
  const added = await Promise.all(
    ["github", "github-2", "github-3"].map((key) => store.add({ ...APP, key }, SECRETS)),
  );
  expect(added.map(({ kind }) => kind).toSorted()).toEqual(["added", "app_known", "app_known"]);
  expect(await store.apps()).toHaveLength(1);
});

test("a key that was one host's is never another's: ids of the two would be mistaken for each other", async () => {
  await store.add(APP, SECRETS);
  await store.remove("github");
  const elsewhere = { ...APP, apiUrl: "https://two.example/api/v3" };
  expect(await store.add(elsewhere, SECRETS)).toEqual({ kind: "key_taken" });
  expect(await store.add({ ...elsewhere, key: "github-2" }, SECRETS)).toEqual({ kind: "added" });
});

test("a key is taken also by what is under way, and by installations from before there were apps here", async () => {
  await database.pool.query("insert into installation (vcs, external_id) values ('github', '5')");
  await store.begin(
    { stateHash: HASH(1), callerHash: HASH(2), key: "github-2", wish: WISH },
    HOUR_MS,
  );
  expect(await store.takenKeys()).toEqual(new Set(["github", "github-2"]));
  const again = { stateHash: HASH(3), callerHash: HASH(2), key: "github-2", wish: WISH };
  expect(await store.begin(again, HOUR_MS)).toBe(false);
});

test("a registration is ended once, in time, and by whoever began it", async () => {
  const setup = { stateHash: HASH(1), callerHash: HASH(2), key: "github", wish: WISH };
  await store.begin(setup, HOUR_MS);
  expect(await store.take(HASH(1), HASH(9))).toBeUndefined();
  expect(await store.take(HASH(9), HASH(2))).toBeUndefined();
  const taken = await Promise.all([1, 2, 3].map(() => store.take(HASH(1), HASH(2))));
  expect(taken.filter((one) => one !== undefined)).toEqual([{ key: "github", wish: WISH }]);
  await store.begin(setup, 0);
  expect(await store.take(HASH(1), HASH(2))).toBeUndefined();
  // What is too late keeps nobody from beginning anew.
  expect(await store.begin(setup, HOUR_MS)).toBe(true);
});
