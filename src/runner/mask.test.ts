import fc from "fast-check";
import { expect, test } from "vitest";
import { environmentSecrets, Masker, passwordIn } from "./mask.ts";

function masker(...secrets: string[]): Masker {
  const made = new Masker();
  made.addAll(secrets);
  return made;
}

test.each([
  ["as it is", ["s3cr3t"], "a s3cr3t b", "a *** b"],
  ["twice", ["s3cr3t"], "s3cr3ts3cr3t", "******"],
  ["longest first", ["abcd", "abcdef"], "abcdef", "***"],
  ["overlapping", ["abcdef", "defghi"], "xabcdefghix", "x***x"],
  ["escaped for JSON", ['a"b\\c\nd'], 'v = "a\\"b\\\\c\\nd"', 'v = "***"'],
  ["escaped by Go", ["<a&b>x"], "\\u003ca\\u0026b\\u003ex", "***"],
  ["in a URL", ["p@ss word/1"], "//u:p%40ss%20word%2F1@host", "//u:***@host"],
  ["in a form", ["p@ss word"], "p=p%40ss+word", "p=***"],
  ["in base64", ["hunter22"], "aHVudGVyMjI=", "***"],
  ["in hexadecimal", ["hunter22"], "68756e7465723232", "***"],
  [
    "one line of a key",
    ["-----BEGIN X-----\nabcdefgh12\n-----END X-----"],
    "  abcdefgh12",
    "  ***",
  ],
  ["with blanks around it", ["  padded-secret\n"], "<padded-secret>", "<***>"],
  ["in the text of a plan", ["a${b}cd"], '"a$${b}cd"', '"***"'],
])("a secret is hidden %s", (_name, secrets, text, expected) => {
  expect(masker(...secrets).mask(text)).toBe(expected);
});

test.each(["1", "true", "no", "", "abc", "null", "default"])(
  "the short or plain word %j stays readable",
  (secret) => {
    expect(masker(secret).mask(`count = ${secret} default`)).toBe(`count = ${secret} default`);
  },
);

const secret = fc
  .string({ minLength: 8, maxLength: 40, unit: "binary" })
  .filter((text) => text.trim().length >= 8 && !/[*]/.test(text));

test("no secret of a usable length survives, whatever stands around it", () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 5 }),
      fc.array(fc.string()),
      (secrets, around) => {
        const text = secrets.map((each, at) => `${around[at] ?? ""}${each}`).join("");
        const hidden = masker(...secrets).mask(text);
        for (const each of secrets) expect(hidden).not.toContain(each.trim());
      },
    ),
  );
});

test("a secret inside a longer base64 text is hidden at each of its three positions", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 14, maxLength: 40 }),
      fc.string({ maxLength: 5 }),
      (inner, before) => {
        fc.pre(inner === inner.trim());
        const encoded = Buffer.from(`${before}${inner}`).toString("base64");
        const hidden = masker(inner).mask(encoded);
        const readable = Buffer.from(hidden.split("***")[0] ?? "", "base64").toString();
        expect(hidden).toContain("***");
        expect(readable).not.toContain(inner.slice(0, 8));
      },
    ),
  );
});

test("text without a secret does not change", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes("zq9-secret"));
      expect(masker("zq9-secret").mask(text)).toBe(text);
    }),
  );
});

test("a long text with many secrets is masked in linear time", () => {
  const many = masker(...Array.from({ length: 5_000 }, (_, at) => `secret-value-${at}`));
  const hidden = many.mask("no secret-value here\n".repeat(50_000));
  expect(hidden).not.toContain("***");
});

test("a text that goes on like the beginning of a key is masked in linear time", () => {
  const body = "MIIEowIBAAKCAQEA".repeat(4);
  const key = ["-----BEGIN X KEY-----", ...Array<string>(25).fill(body), "-----END X KEY-----"];
  const dashes = "-".repeat(1_000_000);
  expect(masker(key.join("\n")).mask(dashes)).toBe(dashes);
});

/** The rule by itself: at each place the longest secret counts, and what overlaps is hidden as one. */
function maskedPlainly(secrets: readonly string[], text: string): string {
  const hidden: { from: number; to: number }[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const lengths = secrets.filter((each) => text.startsWith(each, at)).map(({ length }) => length);
    if (lengths.length === 0) continue;
    const to = at + Math.max(...lengths);
    const last = hidden.at(-1);
    if (last !== undefined && at < last.to) last.to = Math.max(last.to, to);
    else hidden.push({ from: at, to });
  }
  return hidden.reduceRight(
    (out, { from, to }) => `${out.slice(0, from)}***${out.slice(to)}`,
    text,
  );
}

test("short and long secrets that begin alike and overlap are hidden as the plain rule says", () => {
  // Other forms of these hold other characters, so that none of them stands in the text.
  const letters = (min: number, max: number) =>
    fc.string({ unit: fc.constantFrom("a", "b"), minLength: min, maxLength: max });
  const piece = fc.oneof(letters(4, 20), letters(14, 18), fc.constant("a".repeat(40)));
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(letters(0, 6), fc.nat()), { maxLength: 12 }),
      (secrets, parts) => {
        const whole = parts.map(([between, nth]) => between + secrets[nth % secrets.length]);
        const text = whole.join("");
        expect(masker(...secrets).mask(text)).toBe(maskedPlainly(secrets, text));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("secrets are known by the names of their variables, and from contexts", () => {
  const env = {
    PATH: "/bin",
    DB_PASSWORD: "one",
    AWS_SECRET_ACCESS_KEY: "two",
    KEY_TOKEN_FILE: "/a/file",
    SECRETS_CONTEXT: '{"anything":"three","n":1}',
    HOME: "/home",
    TERRATEAM_SSH_KEY_X: "four",
    TERRANE_SEAL_KEY: "five",
  };
  const isFile = (path: string) => path === "/a/file";
  const found = environmentSecrets(env, isFile).toSorted();
  expect(found).toEqual(["five", "four", "one", "three", "two"]);
  expect(environmentSecrets({ SECRETS_CONTEXT: "{broken" }, isFile)).toEqual([]);
});

test.each([
  ["https://me:p%40ss@git.example.com/acme/infra.git", "p@ss"],
  ["http://me:p@ss@proxy.example.com:3128", "p@ss"],
  ["me:word@proxy.example.com:3128", "word"],
  ["http://me:50%@proxy.example.com", "50%"],
  ["http://me@proxy.example.com", ""],
  ["proxy.example.com:3128", ""],
  ["git@git.example.com:acme/infra.git", ""],
  ["", ""],
])("the password in %s is %j", (address, password) => {
  expect(passwordIn(address)).toBe(password);
});

test("the password of a proxy is a secret, and its address is none", () => {
  const proxy = "http://me:word@proxy.example.com:3128";
  const env = { HTTPS_PROXY: proxy, http_proxy: proxy, NO_PROXY: "me:other@localhost" };
  expect(environmentSecrets(env, () => false)).toEqual(["word", "word"]);
});
