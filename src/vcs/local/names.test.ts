import fc from "fast-check";
import { expect, test } from "vitest";
import { refuseLogin, refuseRepositoryName, refuseTitle, storable } from "./names.ts";

test.each(["infra", "team/infra", "a/b/c", "_x", "x.y-z_1", "9"])(
  "the repository name %j is taken",
  (name) => {
    expect(refuseRepositoryName(name)).toBeUndefined();
  },
);

test.each([
  "",
  "/",
  "a/",
  "/a",
  "a//b",
  ".",
  "..",
  "a/../b",
  ".git",
  "a.git",
  "-x",
  "a b",
  "a\\b",
  "ü",
  "a\0",
  "a\n",
  "x".repeat(201),
  "a/a/a/a/a/a/a/a/a",
])("T13 the repository name %j is refused", (name) => {
  expect(refuseRepositoryName(name)).toMatchObject({ kind: "rejected" });
});

test.each(["", "-x", "a b", "<x>", "a\nb", "x".repeat(65), "@x"])(
  "the login %j is refused",
  (login) => {
    expect(refuseLogin(login)).toMatchObject({ kind: "rejected" });
  },
);

test("a title of blanks is refused", () => {
  expect(refuseTitle(" \n")).toMatchObject({ kind: "rejected" });
});

test("whatever people write can be stored as text and as JSON, and good text stays as it is", () => {
  expect(storable("a\0b\ud800c🎉")).toBe("a\ufffdb\ufffdc🎉");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const stored = storable(text);
      expect(stored).not.toContain("\0");
      expect(Buffer.from(stored).toString()).toBe(stored);
      expect(storable(stored)).toBe(stored);
    }),
  );
});
