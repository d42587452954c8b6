import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLock, withHash } from "./lock-file.ts";

const H1 = `h1:${"A".repeat(43)}=`;
const ZH = `zh:${"0".repeat(64)}`;
const TEXT = `# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.0"
  hashes = [
    "${ZH}",
  ]
}

provider "providers.example.test:8443/acme/thing" {
  version = "1.0.0-beta1"
  hashes = [
    "${H1}",
    "${ZH}",
  ]
}
`;

test("a lock file says which providers it has, and by which hashes they are known", () => {
  expect(parseLock(TEXT)).toEqual([
    { source: "registry.terraform.io/hashicorp/aws", version: "5.100.0", hashes: [ZH] },
    { source: "providers.example.test:8443/acme/thing", version: "1.0.0-beta1", hashes: [H1, ZH] },
  ]);
  expect(parseLock(TEXT.replaceAll("\n", "\r\n"))).toEqual(parseLock(TEXT));
});

test("a hash is added to its provider and changes nothing else", () => {
  const [first, second] = parseLock(TEXT);
  const added = withHash(TEXT, first?.source ?? "", H1);
  expect(parseLock(added)).toEqual([{ ...first, hashes: [H1, ZH] }, second]);
  expect(added.split("\n")).toHaveLength(TEXT.split("\n").length + 1);
  expect(withHash(TEXT, "registry.terraform.io/hashicorp/google", H1)).toBe(TEXT);
});

test("a source that is no path of a registry is not taken, so that no file is made elsewhere", () => {
  for (const source of [
    "../../etc/passwd",
    "a/b",
    "a/b/c/d",
    "host/../type",
    "host/ns/..",
    "h/n/t\\x",
    "h//t",
  ]) {
    const text = TEXT.replace("registry.terraform.io/hashicorp/aws", source);
    expect(parseLock(text).map((each) => each.source)).toEqual([
      "providers.example.test:8443/acme/thing",
    ]);
  }
});

test("any text is read without an error, and in linear time", () => {
  const pieces = fc.constantFrom(
    "provider ",
    '"a/b/c"',
    " {\n",
    "}\n",
    "version = ",
    '"1.0.0"\n',
    "hashes = [\n",
    `"${H1}"`,
    "]\n",
    "\t",
    " ".repeat(500),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 80 }), (parts) => {
      const text = parts.join("");
      for (const { source } of parseLock(text)) parseLock(withHash(text, source, H1));
    }),
  );
  expect(parseLock("provider ".repeat(200_000))).toEqual([]);
});
