import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { claimAudience } from "../../contract/runner-api.ts";
import { localHost } from "./local.ts";
import { idTokenFor, oneTimeCode } from "./proofs.ts";

const folder = mkdtempSync(join(tmpdir(), "terrane-proofs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const token = (aud: unknown) =>
  `e30.${Buffer.from(JSON.stringify({ aud })).toString("base64url")}.c2ln`;

test("of several identity tokens the one for the audience is shown", () => {
  const env = {
    TERRANE_ID_TOKEN: token("https://terrane.example.test/attempts/a"),
    TERRANE_ID_TOKEN_AWS: token("sts.amazonaws.com"),
    TERRANE_ID_TOKEN_GCP: token(["one", "two"]),
    TERRANE_ID_TOKENS: token("not one of ours"),
  };
  expect(idTokenFor(env, "sts.amazonaws.com")).toBe(env.TERRANE_ID_TOKEN_AWS);
  expect(idTokenFor(env, "two")).toBe(env.TERRANE_ID_TOKEN_GCP);
  expect(idTokenFor(env, "https://terrane.example.test/attempts/a")).toBe(env.TERRANE_ID_TOKEN);
  expect(idTokenFor(env, "not one of ours")).toBe(env.TERRANE_ID_TOKEN);
});

test.each(["", "no token", "a.b.c", `e30.${Buffer.from("null").toString("base64url")}.x`])(
  "a text that is no token (%j) is shown as it is, and the server says what it thinks of it",
  (text) => {
    expect(idTokenFor({ TERRANE_ID_TOKEN: text }, "anything")).toBe(text);
  },
);

test("a code in a file is read once, and the file is gone", () => {
  const path = join(folder, "code");
  writeFileSync(path, "terrane_code_x\n");
  expect(oneTimeCode({ TERRANE_CODE_FILE: path })).toBe("terrane_code_x");
  expect(existsSync(path)).toBe(false);
  expect(oneTimeCode({ TERRANE_CODE_FILE: path })).toBe("");
});

test("a code is for the server alone; clouds are shown identity tokens", async () => {
  const facts = { TERRANE_SERVER_URL: "https://terrane.example.test", TERRANE_ATTEMPT: "a" };
  const aws = token("sts.amazonaws.com");
  const env = { ...facts, TERRANE_CODE: "terrane_code_x", TERRANE_ID_TOKEN_AWS: aws };
  const found = localHost(env, folder, () => undefined);
  if (found.kind !== "ok") throw new Error(found.message);
  const own = claimAudience(facts.TERRANE_SERVER_URL, facts.TERRANE_ATTEMPT);
  expect(await found.host.identityToken(own)).toBe("terrane_code_x");
  expect(await found.host.identityToken("sts.amazonaws.com")).toBe(aws);
});

test("a job with neither is told what it lacks", () => {
  const facts = { TERRANE_SERVER_URL: "https://terrane.example.test", TERRANE_ATTEMPT: "a" };
  expect(localHost(facts, folder, () => undefined)).toMatchObject({
    kind: "missing",
    message: expect.stringContaining("TERRANE_ID_TOKEN"),
  });
});
