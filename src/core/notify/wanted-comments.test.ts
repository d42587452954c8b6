import { describe, expect, test } from "vitest";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { CommentStrategy } from "../config/config.ts";
import type { CommitSha } from "../ids.ts";
import { type KnownComment, keyOfComment, outstanding, saysOf } from "./outstanding.ts";
import { type EndedRun, type WantedComment, wantedComments } from "./wanted-comments.ts";

const LETTERS: Readonly<Record<string, CommentStrategy | undefined>> = {
  A: "append",
  M: "minimize",
  D: "delete",
};

/**
 * `plan h1 a:M b:D c`: a run, the head it was of and its dirspaces, each with its strategy; `c` is in no policy. In
 * brackets where it was forgotten by an unlock.
 */
function ended(text: string, index: number): EndedRun {
  const forgotten = text.startsWith("(");
  const [kind, head, ...units] = text.replaceAll(/[()]/g, "").split(" ");
  const pairs = units.map((unit) => unit.split(":") as [string, string | undefined]);
  const strategies = pairs.flatMap(([dir, letter]) => {
    const strategy = letter === undefined ? undefined : LETTERS[letter];
    return strategy === undefined ? [] : [[keyOf(dir), strategy] as const];
  });
  return {
    number: index + 1,
    kind: kind === "plan" ? "plan" : "apply",
    headSha: head as CommitSha,
    comments:
      strategies.length === 0
        ? undefined
        : { summary: false, strategies: Object.fromEntries(strategies) },
    dirspaces: pairs.map(([dir]) => keyOf(dir)),
    forgotten,
  };
}

function keyOf(dir: string): DirspaceKey {
  return `${dir}:default` as DirspaceKey;
}

/** `2 minimize hidden: a; 1 b`: the run, its own, then what it carried with the run that is from. */
function words({ run, strategy, own, carried, fate }: WantedComment): string {
  const dir = (key: DirspaceKey) => key.slice(0, -":default".length);
  const mine = own.map(({ dirspace }) => dir(dirspace)).join(" ");
  const taken = carried.map(({ run: from, dirspace }) => `; ${from} ${dir(dirspace)}`).join("");
  return `${run} ${strategy} ${fate}: ${mine}${taken}`;
}

describe("what comments about ended runs there should be", () => {
  test.each<[string, string[], string[]]>([
    ["nothing without a policy", ["plan h1 a b", "apply h1 a b"], []],
    [
      "append leaves what was said",
      ["plan h1 a:A", "plan h1 a:A", "apply h1 a:A"],
      ["1 append shown: a", "2 append shown: a", "3 append shown: a"],
    ],
    [
      "minimize hides what it replaces",
      ["plan h1 a:M", "plan h2 a:M", "apply h2 a:M"],
      ["1 minimize hidden: a", "2 minimize hidden: a", "3 minimize shown: a"],
    ],
    [
      "delete deletes it",
      ["plan h1 a:D", "apply h1 a:D"],
      ["1 delete deleted: a", "2 delete shown: a"],
    ],
    [
      "other dirspaces leave each other alone",
      ["plan h1 a:M", "plan h1 b:M"],
      ["1 minimize shown: a", "2 minimize shown: b"],
    ],
    [
      "what is still current is carried on",
      ["plan h1 a:M b:M c:M", "plan h1 a:M"],
      ["1 minimize hidden: a b c", "2 minimize shown: a; 1 b; 1 c"],
    ],
    [
      "what is carried is carried on again, and replaced like the rest",
      ["plan h1 a:M b:M", "apply h1 a:M", "apply h1 b:M"],
      ["1 minimize hidden: a b", "2 minimize hidden: a; 1 b", "3 minimize shown: b; 2 a"],
    ],
    [
      "a plan of an older commit is not current",
      ["plan h1 a:M b:M", "plan h2 a:M"],
      ["1 minimize hidden: a b", "2 minimize shown: a"],
    ],
    [
      "what was applied stays applied, whatever is pushed",
      ["apply h1 a:M b:M", "plan h2 a:M"],
      ["1 minimize hidden: a b", "2 minimize shown: a; 1 b"],
    ],
    [
      "what an unlock took away is not current",
      ["(plan h1 a:M b:M)", "plan h1 a:M"],
      ["1 minimize hidden: a b", "2 minimize shown: a"],
    ],
    [
      "what was replaced for what it carried stays replaced after an unlock",
      ["(plan h1 a:M b:M)", "apply h1 a:M", "plan h1 b:M"],
      ["1 minimize hidden: a b", "2 minimize hidden: a", "3 minimize shown: b; 2 a"],
    ],
    [
      "what a run without a comment found out is newer all the same",
      ["plan h1 a:M b:M", "plan h1 b", "plan h1 a:M"],
      ["1 minimize hidden: a b", "3 minimize shown: a"],
    ],
    [
      "two strategies of one run are two comments",
      ["plan h1 a:A b:M c:D d", "plan h1 a:A b:M c:D d"],
      [
        "1 append shown: a",
        "1 minimize hidden: b",
        "1 delete deleted: c",
        "2 append shown: a",
        "2 minimize shown: b",
        "2 delete shown: c",
      ],
    ],
    [
      "the newer strategy decides what becomes of older comments",
      ["plan h1 a:A b:A", "plan h1 a:D", "plan h1 b:M"],
      ["1 append deleted: a b", "2 delete hidden: a; 1 b", "3 minimize shown: b; 2 a"],
    ],
    [
      "a run's own comments never replace each other",
      ["plan h1 a:M b:M", "plan h1 a:M b:D"],
      ["1 minimize hidden: a b", "2 minimize shown: a", "2 delete shown: b"],
    ],
  ])("%s", (_, runs, wanted) => {
    const all = runs.map(ended);
    expect(wantedComments(all).map(words)).toEqual(wanted);
    // In whatever order they are read.
    expect(wantedComments(all.toReversed()).map(words)).toEqual(wanted);
  });

  test("whatever was current before a run is said by a comment that is shown, unless the run is newer", () => {
    const units = ["a:M", "b:D", "c:A", "d:M", "e:D"];
    for (let seed = 1; seed <= 300; seed++) {
      const runs = Array.from({ length: 8 }, (_, index) => {
        const some = units.filter(
          (_unit, at) => ((seed * 31 + index * 17 + at * 7) >> 2) % 3 !== 0,
        );
        return ended(`plan h1 ${(some.length === 0 ? units : some).join(" ")}`, index);
      });
      const shown = wantedComments(runs).filter(({ fate }) => fate === "shown");
      const said = new Set(shown.flatMap(saysOf).join("\n").split("\n"));
      for (const unit of units) {
        const key = keyOf(unit.slice(0, 1));
        const newest = runs.findLast(({ dirspaces }) => dirspaces.includes(key));
        if (newest !== undefined) expect(said).toContain(`${newest.number} ${key}`);
      }
    }
  });
});

describe("what is left to be done", () => {
  const runs = ["plan h1 a:M b:M", "plan h1 a:M"].map(ended);
  const wanted = wantedComments(runs);
  const digest = (says: string) => `digest of ${says}`;
  const saying = (index: number, state: KnownComment["state"]): [string, KnownComment] => {
    const comment = wanted[index];
    if (comment === undefined) throw new Error("no such comment");
    return [keyOfComment(comment), { says: digest(saysOf(comment)), state }];
  };

  test.each<[string, [string, KnownComment][], string[], string[]]>([
    ["one that was replaced before it was written is not written", [], ["result:2:minimize"], []],
    [
      "the new one is written, then the old one goes",
      [saying(0, "shown")],
      ["result:2:minimize"],
      ["result:1:minimize hidden"],
    ],
    [
      "the old one is left to do",
      [saying(0, "shown"), saying(1, "shown")],
      [],
      ["result:1:minimize hidden"],
    ],
    ["nothing is left", [saying(0, "hidden"), saying(1, "shown")], [], []],
    [
      "one of which nobody knows whether it got through is written again",
      [saying(0, "hidden"), ["result:2:minimize", { says: "", state: "shown" }]],
      ["result:2:minimize"],
      [],
    ],
    [
      "one of which nobody knows whether it got through is taken away all the same",
      [["result:1:minimize", { says: "", state: "shown" }], saying(1, "shown")],
      [],
      ["result:1:minimize hidden"],
    ],
    [
      "one that is out of sight and wanted again is written again",
      [saying(0, "hidden"), saying(1, "hidden")],
      ["result:2:minimize"],
      [],
    ],
    [
      "one that says less than it should is edited",
      [saying(0, "hidden"), ["result:2:minimize", { says: digest("2 a:default"), state: "shown" }]],
      ["result:2:minimize"],
      [],
    ],
  ])("%s", (_, known, write, outdate) => {
    const left = outstanding(wanted, new Map(known), digest);
    expect(left.write.map(keyOfComment)).toEqual(write);
    expect(left.outdate.map((one) => `${keyOfComment(one)} ${one.fate}`)).toEqual(outdate);
  });
});
