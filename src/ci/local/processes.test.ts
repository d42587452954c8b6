import { expect, test } from "vitest";
import { parseStat } from "./processes.ts";

const REST = "2 3 0 -1 4194304 99 0 0 0 0 0 0 0 20 0 1 0 117311 3133440";

test.each([
  [`7 (node) S 1 ${REST}`, { pid: 7, group: 2, session: 3, start: "117311" }],
  [`7 (a) R 1 (b) S) S 1 ${REST}`, { pid: 7, group: 2, session: 3, start: "117311" }],
  [`7 (node) Z 1 ${REST}`, undefined],
  [`7 (node) X 1 ${REST}`, undefined],
])("the process line %j is read past its name, and a zombie is no process", (line, expected) => {
  expect(parseStat(7, line)).toEqual(expected);
});
