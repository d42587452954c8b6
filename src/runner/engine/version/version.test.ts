import fc from "fast-check";
import { expect, test } from "vitest";
import { fits, newestThatFits, parseConstraint } from "./constraint.ts";
import { constraintsIn } from "./required-version.ts";
import {
  compareVersions,
  nearVersions,
  newestFirst,
  parseVersion,
  type Version,
} from "./version.ts";

const version = (text: string): Version => {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
};

test("versions order by number, and a pre-release comes before its release", () => {
  const ordered = [
    "0.12.31",
    "1.2.3",
    "1.6.0-alpha1",
    "1.6.0-alpha2",
    "1.6.0-rc1",
    "1.6.0",
    "1.10.0",
  ];
  expect(newestFirst(ordered.toReversed()).map(({ text }) => text)).toEqual(ordered.toReversed());
  expect(parseVersion("v1.5.7")?.text).toBe("1.5.7");
  for (const bad of ["1.5", "1.5.7.1", "", "latest", "1.5.x", "9999999999.1.1"]) {
    expect(parseVersion(bad), bad).toBeUndefined();
  }
});

test("comparing versions is an order", () => {
  const one = fc
    .tuple(
      fc.nat(3),
      fc.nat(3),
      fc.nat(3),
      fc.constantFrom("", "-alpha", "-alpha.1", "-rc.2", "-1"),
    )
    .map(([a, b, c, pre]) => version(`${a}.${b}.${c}${pre}`));
  fc.assert(
    fc.property(one, one, one, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }
      expect(compareVersions(a, b) === 0).toBe(a.text === b.text);
    }),
  );
});

test.for([
  ["1.5.7", "1.5.7", true],
  ["1.5.7", "= 1.5.7", true],
  ["1.5.8", "1.5.7", false],
  ["1.6.2", "~> 1.5", true],
  ["2.0.0", "~> 1.5", false],
  ["1.5.9", "~> 1.5.0", true],
  ["1.6.0", "~> 1.5.0", false],
  ["1.4.9", "~> 1.5", false],
  ["1.6.1", ">= 1.5, < 2.0, != 1.6.1", false],
  ["1.6.2", ">= 1.5, < 2.0, != 1.6.1", true],
  ["1.6.0-rc1", ">= 1.5", false],
  ["1.6.0-rc1", ">= 1.6.0-rc1", true],
  ["0.12.0", "> 0.11", true],
  ["1.0.0", "<= 1", true],
] as const)("%s fits %s: %s", ([text, constraint, expected]) => {
  expect(fits(version(text), parseConstraint(constraint) ?? [])).toBe(expected);
});

test("what is no constraint is none, and does not take long", () => {
  for (const bad of [
    "",
    ">",
    "abc",
    ">= 1.x",
    "1.2.3.4",
    "~> ",
    ">= 1,, < 2",
    ",".repeat(10_000),
  ]) {
    expect(parseConstraint(bad), bad.slice(0, 20)).toBeUndefined();
  }
  fc.assert(fc.property(fc.string(), (text) => void parseConstraint(text)));
});

test("the newest release that fits is taken, and what is near is named nearest first", () => {
  const known = ["1.4.6", "1.5.6", "1.5.7", "1.6.0-rc1", "1.6.0", "2.0.0"];
  expect(newestThatFits(known, parseConstraint("~> 1.5.0") ?? [])?.text).toBe("1.5.7");
  expect(newestThatFits(known, parseConstraint(">= 3") ?? [])).toBeUndefined();
  expect(nearVersions("1.5.77", known, 3)).toEqual(["1.5.7", "1.5.6", "1.6.0"]);
});

test("required_version counts where it is written in a terraform block, and nowhere else", () => {
  const text = `
# required_version = "1.0.0"
terraform {
  /* required_version = "1.1.0" */
  required_version = ">= 1.5, < 2.0" # why
  required_providers { x = { source = "a/b", version = "1.2.0" } }
  backend "s3" { required_version = "1.3.0" }
}
locals {
  required_version = "1.4.0"
  text = <<EOT
terraform { required_version = "9.0.0" }
EOT
}
terraform { required_version = "!= 1.6.1" }
terraform {
  required_version = "\${local.computed}"
}
`;
  expect(constraintsIn(text)).toEqual([">= 1.5, < 2.0", "!= 1.6.1"]);
});

test("reading required_version ends for any text", () => {
  const pieces = fc.constantFrom(
    "terraform",
    "{",
    "}",
    '"',
    "\n",
    "required_version",
    "=",
    "<<A\n",
    "${",
    "#",
    "/*",
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 60 }),
      (parts) => void constraintsIn(parts.join(" ")),
    ),
  );
});
