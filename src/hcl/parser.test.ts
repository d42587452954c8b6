import { expect, test } from "vitest";
import { openParser } from "./parser.ts";

const GOOD = { name: "good.tf", text: "a = 1\n" };

test("a file that takes too long is an error, and those after it are read", async () => {
  const parser = openParser(1_000);
  try {
    await parser.parse([GOOD]);
    const long = { name: "long.tf", text: `a = [\n${'  { b = "${x}" },\n'.repeat(600_000)}]\n` };
    const parsed = await parser.parse([GOOD, long, GOOD]);
    expect(parsed.map(({ kind }) => kind)).toEqual(["ok", "error", "ok"]);
    expect(parsed[1]).toEqual({ kind: "error", message: "parsing it took longer than 1000 ms" });
  } finally {
    await parser.close();
  }
}, 60_000);

test("code that brings the parser down takes nothing else with it", async () => {
  const parser = openParser();
  try {
    const deep = { name: "deep.tf", text: `a = ${"(".repeat(100_000)}1${")".repeat(100_000)}\n` };
    const parsed = await parser.parse([GOOD, deep, GOOD, deep, GOOD]);
    expect(parsed.map(({ kind }) => kind)).toEqual(["ok", "error", "ok", "error", "ok"]);
  } finally {
    await parser.close();
  }
}, 60_000);

test("many questions at a time are answered in their order", async () => {
  const parser = openParser();
  try {
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => parser.parse([{ name: "n.tf", text: `a = ${n}\n` }])),
    );
    expect(answers.flat()).toEqual([1, 2, 3, 4].map((a) => ({ kind: "ok", value: { a } })));
  } finally {
    await parser.close();
  }
});
