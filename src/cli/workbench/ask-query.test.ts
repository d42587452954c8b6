import { expect, test } from "vitest";
import { cliHost } from "../../../test/support/cli-host.ts";
import { askQuery, type QueryOptions } from "./ask-query.ts";

function ask(query: string, options: QueryOptions) {
  const host = cliHost({});
  const status = askQuery(host, query, options);
  return { status, printed: host.printed, complained: host.complained };
}

test.each([
  ["a and b", { tags: ["a", "b"] }, true],
  ["a and b", { tags: ["a"] }, false],
  ["", {}, true],
  ["foo in dir", { dir: "x/foo/y" }, true],
  ["foo in dir", {}, false],
  ["dir:a/b", { dir: "./a/b/" }, true],
  ["dir:.", { dir: "." }, true],
  ["workspace:prod", { workspace: "prod" }, true],
  ["workspace:prod", { dir: "a" }, false],
  ["relative_dir:../b", { dir: "x/b", workingDir: "x/a" }, true],
  ["relative_dir:../b", { dir: "x/b" }, false],
])("%j about %j is %s, and only that", (query, options, result) => {
  const asked = ask(query, { ...options, json: true });
  expect(asked).toEqual({ status: 0, printed: [JSON.stringify({ result })], complained: [] });
});

test("with --exit-code false is 1", () => {
  expect(ask("a", { json: true, exitCode: true }).status).toBe(1);
  expect(ask("a", { json: true, exitCode: true, tags: ["a"] }).status).toBe(0);
});

test("a query that cannot be read is an error with its offset, and exits with 2", () => {
  const { status, printed } = ask("foo in bar", { json: true });
  expect(status).toBe(2);
  expect(JSON.parse(printed[0] ?? "")).toEqual({
    error: {
      message: "The `in` operator only accepts `dir` on the right hand side, got `bar`.",
      offset: 7,
    },
  });
});

test("people see a caret under what is wrong, in its own line", () => {
  const { printed, complained } = ask("a and\nfoo in bar", {});
  expect(printed).toEqual([]);
  expect(complained.slice(-2)).toEqual(["  foo in bar", "         ^"]);
});

test("a long query is shown around what is wrong", () => {
  const { complained } = ask(`${"tag ".repeat(200)})`, {});
  expect(complained.at(-2)?.length).toBeLessThan(120);
  expect(complained.at(-2)?.charAt(complained.at(-1)?.indexOf("^") ?? 0)).toBe(")");
});

test("an ambiguous query is answered and warned about", () => {
  const asJson = JSON.parse(ask("a b or c", { tags: ["a"], json: true }).printed[0] ?? "");
  expect(asJson).toMatchObject({ result: false, warnings: [{ code: "ambiguous_or", offset: 4 }] });
  const people = ask("a b or c", { tags: ["a"] });
  expect(people.complained[0]).toContain("warning: Tags side by side");
  expect(people.printed[0]).toBe("false");
});

test("people see every part and which tags were asked about", () => {
  expect(ask("a or not b", { tags: ["b"], dir: "x" }).printed).toEqual([
    "false",
    "  false  a or not b  no part is true",
    "    false  a  it has no tag `a`",
    "    false  not b  what it negates is true",
    "      true   b  it has the tag `b`",
    "Tags: b, dir:x",
  ]);
});

test.each([
  [{ dir: "/etc" }, "--dir /etc"],
  [{ dir: "../x" }, "--dir ../x"],
  [{ workingDir: ".." }, "--working-dir .."],
  [{ workspace: "a b" }, "--workspace: a workspace name"],
])("%j is wrong use", (options, message) => {
  expect(() => ask("a", options)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message), status: 2 }),
  );
});
