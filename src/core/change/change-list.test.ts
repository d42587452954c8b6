import fc from "fast-check";
import { expect, test } from "vitest";
import {
  LIST_LINES_MAX,
  LIST_PATH_CHARS_MAX,
  parseChangeList,
  parseTreeList,
} from "./change-list.ts";

const modified = (path: string) => ({ kind: "modified", path });

test.each([
  ["a path is a modified file", "a/b.tf", [modified("a/b.tf")]],
  ["blank lines do not count", "\n\n a\n \t \nb\n", [modified(" a"), modified("b")]],
  [
    "carriage returns do not count",
    "a\r\n\r\nD b\r\n",
    [modified("a"), { kind: "deleted", path: "b" }],
  ],
  ["A is an added file", "A a b.tf", [{ kind: "added", path: "a b.tf" }]],
  ["D is a deleted file", "D a/b c.tf", [{ kind: "deleted", path: "a/b c.tf" }]],
  ["D may be followed by a tab", "D\ta", [{ kind: "deleted", path: "a" }]],
  ["a file called `D x` is written with M", "M D x", [modified("D x")]],
  ["a file called `D` is written with M", "M D", [modified("D")]],
  [
    "a name that only begins with a letter is a path",
    "Dx\nD.tf\nR1\nMake",
    ["Dx", "D.tf", "R1", "Make"].map(modified),
  ],
  ["R is a move", "R a b", [{ kind: "renamed", from: "a", to: "b" }]],
  ["a move with blanks takes a tab", "R a 1\tb 2", [{ kind: "renamed", from: "a 1", to: "b 2" }]],
  ["a move as git writes it", "R093\ta 1\tb", [{ kind: "renamed", from: "a 1", to: "b" }]],
  ["of a copy the new name counts", "C75\ta\tb", [modified("b")]],
  ["a change of type is a change", "T\ta", [modified("a")]],
  ["a directory `T x` is a path", "T x/main.tf", [modified("T x/main.tf")]],
  ["a leading ./ is taken away", "./a/./b", [modified("a/b")]],
  ["names in git's quotes are read", String.raw`"\303\244 \"x\"\t.tf"`, [modified('ä "x"\t.tf')]],
  ["other quotes are part of the name", '"a', [modified('"a')]],
  [
    "bytes that are no UTF-8 stay as git wrote them",
    String.raw`"\377"`,
    [modified(String.raw`"\377"`)],
  ],
  ["nothing is no change", "", []],
])("%s", (_, text, expected) => {
  expect(parseChangeList(text)).toEqual({ kind: "ok", entries: expected });
});

test.each([
  ["a\nD", 2, "a name is missing after D"],
  ["D  \t", 1, "a name is missing after D"],
  ["A\r\n", 1, "a name is missing after A"],
  ["M ", 1, "a name is missing after M"],
  ["R", 1, "a name is missing after R"],
  ["R100\t", 1, "a name is missing after R100"],
  ["a\nR a", 2, "a move is `R old new`"],
  ["R a b c", 1, "put a tab between them"],
  ["R a\tb\tc", 1, "two names"],
  ["R ./.. b", 1, "leaves the repository"],
  ["/etc/passwd", 1, "relative to the root"],
  ["\n\n../x", 3, "leaves the repository"],
  ["a/../../x", 1, "leaves the repository"],
  ["a/", 1, "is a directory"],
  [".", 1, "is a directory"],
  ["a\0b", 1, "NUL"],
  ["x".repeat(LIST_PATH_CHARS_MAX + 1), 1, "characters long"],
])("%j is refused with its line", (text, line, message) => {
  const parsed = parseChangeList(text);
  expect(parsed).toMatchObject({ kind: "error", line });
  expect(parsed.kind === "error" && parsed.message).toContain(message);
});

test("a list ends at its limit", () => {
  const full = "a\n".repeat(LIST_LINES_MAX);
  expect(parseTreeList(full).kind).toBe("ok");
  expect(parseTreeList(`${full}a`)).toMatchObject({ kind: "error", line: LIST_LINES_MAX + 1 });
});

test("letters mean nothing in a list of files", () => {
  expect(parseTreeList("D x\nR a b")).toEqual({ kind: "ok", entries: ["D x", "R a b"] });
});

test("any text is a list or an error, and every path that is read is clean", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const parsed = parseTreeList(text);
      if (parsed.kind === "error") return parsed.line > 0 && parsed.message !== "";
      return parsed.entries.every((path) => !/^\/|\/$|\0|(?:^|\/)\.\.?(?:\/|$)|^$/.test(path));
    }),
  );
});

test("a list that was written with M is read back", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "D", " ", "é", "."), minLength: 1 });
  const usable = name.filter((text) => text.trim() === text && !/^\.{1,2}$/.test(text));
  fc.assert(
    fc.property(usable, (path) => {
      expect(parseChangeList(`M ${path}`)).toEqual({ kind: "ok", entries: [modified(path)] });
    }),
  );
});
