import { expect, test } from "vitest";
import { type Explained, explainQuery } from "./explain.ts";
import { matches } from "./match.ts";
import { parseQuery } from "./parser.ts";

const SUBJECT = { tags: new Set(["a", "b"]), dir: "envs/prod/net", workingDir: "envs/prod/db" };

function explain(text: string, subject: Parameters<typeof explainQuery>[1] = SUBJECT): Explained {
  const parsed = parseQuery(text);
  if (parsed.kind === "error") throw new Error(parsed.message);
  return explainQuery(parsed.query, subject);
}

test.each([
  ["", true, "an empty query matches everything"],
  ["a", true, "it has the tag `a`"],
  ["x", false, "it has no tag `x`"],
  ['""', false, "nobody has the empty tag"],
  ["prod/net in dir", true, "`prod/net` is a part of `envs/prod/net`"],
  ["pro in dir", false, "`pro` is no whole part of `envs/prod/net`"],
  ["/net in dir", false, "it names no directory: write whole names, without a slash before or"],
  ["relative_dir:../net", true, "`../net` seen from `envs/prod/db` is `envs/prod/net`, which is"],
  ["relative_dir:../dns", false, "is `envs/prod/dns`, which is not this directory"],
  ["relative_dir:../../../../x", false, "seen from `envs/prod/db` leaves the repository"],
  ["not a", false, "what it negates is true"],
  ["not x", true, "what it negates is false"],
  ["a and x", false, "a part is false"],
  ["a and b", true, "every part is true"],
  ["x or a", true, "a part is true"],
  ["x or y", false, "no part is true"],
])("%j is %s because %s", (text, holds, because) => {
  const explained = explain(text);
  expect(explained.holds).toBe(holds);
  expect(explained.because).toContain(because);
});

test("the root of the repository lies in no directory", () => {
  const { because } = explain("net in dir", { tags: new Set(), dir: "." });
  expect(because).toBe("the root of the repository lies in no directory");
});

test("a relative directory outside of `depends_on` says so", () => {
  const { holds, because } = explain("relative_dir:x", { tags: new Set(), dir: "x" });
  expect(holds).toBe(false);
  expect(because).toContain("`depends_on`");
});

test("tags side by side show how they are read", () => {
  const explained = explain("a x or b");
  expect(explained.text).toBe("a and (x or b)");
  expect(explained.operands.map(({ text, holds }) => [text, holds])).toEqual([
    ["a", true],
    ["x or b", true],
  ]);
});

test("every part says what the query itself would say of it", () => {
  const walk = (part: Explained): void => {
    const parsed = parseQuery(part.text);
    if (parsed.kind === "error") throw new Error(parsed.message);
    expect(matches(parsed.query, SUBJECT)).toBe(part.holds);
    part.operands.forEach(walk);
  };
  walk(explain("a and (x or not (b y or net in dir)) or relative_dir:../net"));
});
