import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, hclBlocks } from "./hcl-blocks.ts";

const said = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap(({ type, labels, texts, blocks: inner }) => [
    [type, ...labels, ...[...texts].map(([name, value]) => `${name}=${value}`)].join(" "),
    ...said(inner).map((line) => `  ${line}`),
  ]);

test.each([
  ['provider "aws" {\n  region = "eu"\n}', ["provider aws region=eu"]],
  ['terraform {\n  backend "s3" {}\n}', ["terraform", "  backend s3"]],
  ['module "a" { source = "./b" }', ["module a source=./b"]],
  ['terraform { cloud {\n organization = "x" } }', ["terraform", "  cloud organization=x"]],
  ['# provider "a" {}\n// b {}\n/* c {} */ d {}', ["d"]],
  ['x = "${y ? "}" : "{"}"\nprovider "a" {}', ["provider a"]],
  ['x = "$${y"\nprovider "a" {}', ["provider a"]],
  ['x = "a \\" { b"\nprovider "a" {}', ["provider a"]],
  ['x = <<EOT\nprovider "no" {\nEOT\nprovider "a" {}', ["provider a"]],
  ["x = <<-EOT\n  no {\n  EOT\nprovider a {}", ["provider a"]],
  ['x = [for y in z : {\n a = y }]\nprovider "a" {}', ["provider a"]],
  ['a { b = { c = "d" }\n e = f("g")\n h = "i" }', ["a h=i"]],
  ['module "m" { source = "${path.module}/x" }', ["module m"]],
])("%j holds %j", (text, expected) => {
  expect(said(hclBlocks(text))).toEqual(expected);
});

test("any text has blocks, or none, and deep or open text ends quickly", () => {
  const piece = fc.constantFrom(
    ...'{}[]()="\\\n#/*<',
    "${",
    "%{",
    "<<EOT\n",
    "EOT\n",
    "provider ",
    "module ",
    'source = "../a"',
    "\ud800",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(Array.isArray(hclBlocks(pieces.join("")))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  for (const hostile of ["a {", '"${', "/*", "<<E\n", "= {[(", "<<E"]) {
    const began = performance.now();
    hclBlocks(hostile.repeat(60_000));
    // Generous, because a quadratic reading takes minutes.
    expect(performance.now() - began).toBeLessThan(5_000);
  }
});
