import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planDigest, type SealContext, seal, sealKey, unseal } from "./seal.ts";

const KEY = randomBytes(32);
const PLAN = Buffer.from("a plan file");
const CONTEXT: SealContext = {
  repository: "acme/infra",
  dir: "app",
  workspace: "default",
  headSha: "a".repeat(40),
  digest: planDigest(PLAN, { dir: "app", workspace: "default" }),
};
const SECRETS = ["one", "zwei ü"];
const SEALED = seal({ plan: PLAN, secrets: SECRETS }, KEY, CONTEXT);

test("a sealed plan opens to the same bytes and secrets, and shows neither", () => {
  expect(unseal(SEALED, KEY, CONTEXT)).toEqual({
    kind: "ok",
    content: { plan: PLAN, secrets: SECRETS },
  });
  expect(SEALED.includes("plan file")).toBe(false);
});

test("the same plan sealed twice gives different bytes", () => {
  expect(seal({ plan: PLAN, secrets: SECRETS }, KEY, CONTEXT).equals(SEALED)).toBe(false);
});

test("S12 any changed bit is refused", () => {
  for (let bit = 0; bit < SEALED.length * 8; bit += 1) {
    const changed = Buffer.from(SEALED);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(unseal(changed, KEY, CONTEXT).kind).toBe("refused");
  }
});

test.each(Object.keys(CONTEXT) as (keyof SealContext)[])(
  "S12 a plan moved to another %s is refused",
  (field) => {
    const elsewhere = { ...CONTEXT, [field]: `${CONTEXT[field]}x` };
    const opened = unseal(SEALED, KEY, elsewhere);
    expect(opened.kind === "refused" && opened.because).toContain(
      "another repository or under another name of it",
    );
  },
);

test("S12 a plan sealed under a digest that is not its own is refused", () => {
  const lying = { ...CONTEXT, digest: planDigest(Buffer.from("another plan"), CONTEXT) };
  const sealed = seal({ plan: PLAN, secrets: [] }, KEY, lying);
  expect(unseal(sealed, KEY, lying)).toMatchObject({ kind: "refused" });
});

test("another key opens nothing", () => {
  expect(unseal(SEALED, randomBytes(32), CONTEXT).kind).toBe("refused");
});

test("whatever is not a sealed plan is refused and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(SEALED.length), (bytes, keep) => {
      expect(unseal(bytes, KEY, CONTEXT).kind).toBe("refused");
      const mixed = Buffer.concat([SEALED.subarray(0, keep), bytes]);
      fc.pre(!mixed.equals(SEALED));
      expect(unseal(mixed, KEY, CONTEXT).kind).toBe("refused");
    }),
  );
});

test.each([
  ["32 bytes", randomBytes(32).toString("base64"), true],
  ["31 bytes", randomBytes(31).toString("base64"), false],
  ["nothing", "", false],
])("a key is 32 bytes in base64: %s", (_name, text, valid) => {
  expect(sealKey(text) !== undefined).toBe(valid);
});
