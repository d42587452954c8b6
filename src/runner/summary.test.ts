import fc from "fast-check";
import { expect, test } from "vitest";
import type { UnitResult } from "../contract/work.ts";
import type { Reported } from "./hooks.ts";
import { jobSummary } from "./summary.ts";

const WORK = { kind: "plan", dashboardUrl: "https://terrane.example.test/runs/1" } as const;
const COUNTS = {
  create: 1,
  update: 0,
  replace: 0,
  delete: 2,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

function planned(changed: boolean): UnitResult {
  return { outcome: "planned", changed, planDigest: null, counts: COUNTS, changes: [], text: "" };
}

function failed(message: string, tail: string): UnitResult {
  const failure = { step: "plan", message, tail, exitCode: 1, signal: null };
  return { outcome: "failed", failure, fence: null };
}

function of(dir: string, result: UnitResult): Reported {
  return { unit: { dir, workspace: "default" }, result };
}

test("a summary is a table of what the dirspaces came to, and what failed of them", () => {
  const results = [
    of("net", planned(true)),
    of("app", { outcome: "waiting", for: [{ dir: "net", workspace: "default" }] }),
    of("db", failed("init ended with 1", "Error: no provider\n")),
  ];
  expect(jobSummary(WORK, results, undefined)).toBe(`### Plan of 3 dirspaces

| directory | workspace | outcome | + | ~ | ± | − |
| --- | --- | --- | ---: | ---: | ---: | ---: |
| net | default | planned | 1 | 0 | 0 | 2 |
| app | default | waits for net |  |  |  |  |
| db | default | failed |  |  |  |  |

**db default**: init ended with 1

<pre>Error: no provider&#10;</pre>

[Everything about it](https://terrane.example.test/runs/1)
`);
});

test("what stopped the whole job comes first", () => {
  const failure = {
    step: "checkout",
    message: "it conflicts",
    tail: "",
    exitCode: 1,
    signal: null,
  };
  const text = jobSummary({ ...WORK, dashboardUrl: null }, [], failure);
  expect(text).toBe("### Plan of 0 dirspaces\n\n**The job**: it conflicts\n");
});

test("whatever names and messages say, nothing of them is a link, a tag or another row", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (dir, tail) => {
      const text = jobSummary(WORK, [of(dir, failed(dir, tail))], undefined);
      const own = text.replace(/<pre>[^<]*<\/pre>/, "").replace(/\[Everything[^\n]*\n$/, "");
      expect(own).not.toMatch(/[<>@[\]`]/);
      expect(own.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(3);
    }),
  );
});

test("a thousand long failures are cut, and the way to the rest stays", () => {
  const results = Array.from({ length: 1_000 }, (_, n) =>
    of(`d${n}`, failed("no", "x".repeat(9_000))),
  );
  const text = jobSummary(WORK, results, undefined);
  expect(text.length).toBeLessThan(520_000);
  expect(text).toContain("[Everything about it]");
});
