import { expect } from "vitest";
import type { Identified } from "../../../src/ports/ci.ts";
import type { TokenChange } from "../../support/token-issuer.ts";
import type { CiHarness } from "../ci-harness.ts";
import type { CiRule } from "./rule.ts";

const MINUTE = 60;

export const identityRules: readonly CiRule[] = [
  {
    name: "T6 an identity token proves the repository and the run, and has an id and an end",
    async check({ ci, newJob, identity }) {
      const job = newJob();
      const one = await ci.identify(await identity.token(job), identity.audience, job);
      const two = await ci.identify(await identity.token(job), identity.audience, job);
      if (one.kind !== "ok" || two.kind !== "ok") throw new Error(JSON.stringify([one, two]));
      const { tokenId, expiresAtMs, ...rest } = one.identity;
      expect(rest).toEqual(identity.expected(job));
      expect(tokenId).not.toBe("");
      expect(two.identity.tokenId).not.toBe(tokenId);
      expect(Number.isSafeInteger(expiresAtMs)).toBe(true);
    },
  },
  {
    name: "each claim that matters, changed alone, makes a token worthless",
    async check(harness) {
      const { identity } = harness;
      expect(identity.worthless.length).toBeGreaterThan(2);
      for (const { claim, value } of identity.worthless) {
        for (const changed of [value, undefined]) {
          await expectRefused(harness, { claims: { [claim]: changed } }, claim);
        }
      }
    },
  },
  {
    name: "a token of another issuer, or without one, is refused",
    async check(harness) {
      for (const iss of ["https://evil.example.test", "", undefined]) {
        await expectRefused(harness, { claims: { iss } }, `iss ${iss}`);
      }
    },
  },
  {
    name: "a token for another audience, for two or for none is refused",
    async check(harness) {
      const { audience } = harness.identity;
      const others = [`${audience}0`, audience.slice(0, -1), "", [], undefined];
      for (const aud of [...others, [audience, "https://elsewhere.example.test"]]) {
        await expectRefused(harness, { claims: { aud } }, `aud ${JSON.stringify(aud)}`);
      }
    },
  },
  {
    name: "a token is good within its time and a minute of skew, and not beyond",
    async check(harness) {
      const { ci, newJob, identity } = harness;
      const job = newJob();
      const token = await identity.token(job);
      const first = await ci.identify(token, identity.audience, job);
      if (first.kind !== "ok") throw new Error(JSON.stringify(first));
      const { iat } = claimsOf(token);
      const now = iat ?? 0;
      const good = [{ exp: now - 30 }, { nbf: now + 30 }, { iat: now + 30 }];
      for (const claims of good) {
        const late = await identity.token(job, { claims });
        expect((await ci.identify(late, identity.audience, job)).kind).toBe("ok");
      }
      const bad = [
        { exp: now - 2 * MINUTE },
        { nbf: now + 2 * MINUTE },
        { iat: now + 2 * MINUTE },
        { exp: undefined },
        { iat: undefined },
        { exp: "never" },
      ];
      for (const claims of bad) await expectRefused(harness, { claims }, JSON.stringify(claims));
    },
  },
  {
    name: "T6 a token without an id is refused, for its second use could not be seen",
    async check(harness) {
      for (const jti of [undefined, "", 7]) {
        await expectRefused(harness, { claims: { jti } }, `jti ${jti}`);
      }
    },
  },
  {
    name: "a token signed by another key is refused",
    async check(harness) {
      await expectRefused(harness, { signedBy: "other_key" }, "another key under the same id");
      // The keys were just read: only after a minute are they asked for again.
      harness.identity.advance(61_000);
      await expectRefused(harness, { signedBy: "unknown_key" }, "a key id nobody published");
    },
  },
  {
    name: "a token without a signature, or with one that its public key makes, is refused",
    async check(harness) {
      const { ci, newJob, identity } = harness;
      const job = newJob();
      const [header = "", payload = "", signature = ""] = (await identity.token(job)).split(".");
      const parsed = JSON.parse(decode(header)) as Record<string, unknown>;
      const forged = ["none", "None", "HS256", "RS512", "PS256", "ES256"].flatMap((alg) => {
        const other = encode(JSON.stringify({ ...parsed, alg }));
        return [`${other}.${payload}.`, `${other}.${payload}.${signature}`];
      });
      for (const token of forged) {
        expect((await ci.identify(token, identity.audience, job)).kind).toBe("refused");
      }
    },
  },
  {
    name: "a token with any part altered is refused",
    async check({ ci, newJob, identity }) {
      const job = newJob();
      const token = await identity.token(job);
      const parts = token.split(".");
      const altered = [
        "",
        ".",
        "..",
        "not a token",
        parts.slice(0, 2).join("."),
        `${token}.x`,
        `${token}A`,
        [parts[0], flip(parts[1]), parts[2]].join("."),
        [parts[0], parts[1], flip(parts[2])].join("."),
        [parts[0], encode("[]"), parts[2]].join("."),
        [encode("null"), parts[1], parts[2]].join("."),
        `${token}${"A".repeat(100_000)}`,
      ];
      for (const each of altered) {
        expect((await ci.identify(each, identity.audience, job)).kind, each.slice(0, 80)).toBe(
          "refused",
        );
      }
    },
  },
];

async function expectRefused(
  { ci, newJob, identity }: CiHarness,
  change: TokenChange,
  what: string,
): Promise<void> {
  const job = newJob();
  const token = await identity.token(job, change);
  const identified: Identified = await ci.identify(token, identity.audience, job);
  expect(identified.kind, what).toBe("refused");
  if (identified.kind === "refused") expect(identified.because).not.toBe("");
}

function claimsOf(token: string): { readonly iat?: number } {
  return JSON.parse(decode(token.split(".")[1] ?? "")) as { readonly iat?: number };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function decode(text: string): string {
  return Buffer.from(text, "base64url").toString();
}

function flip(text: string | undefined): string {
  const bytes = Buffer.from(text ?? "", "base64url");
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  return bytes.toString("base64url");
}
