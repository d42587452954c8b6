import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  const dirs = ["net", "db", "dns", "queue", "late"];
  lab.vcs.files = dirs.map((dir) => `${dir}/main.tf`);
});

afterAll(() => lab.close());

beforeEach(() => {
  lab.vcs.config = "automerge: {enabled: true, delete_branch: true, merge_strategy: squash}\n";
  lab.vcs.merges.length = 0;
  lab.vcs.deletedBranches.length = 0;
  lab.vcs.enqueued.length = 0;
});

function comment(number: number): string {
  return lab.vcs.comments.get(`${number}:terrane`) ?? "";
}

/** Whatever waits for a moment is due by now. */
async function settle(): Promise<void> {
  const { statements } = lab.database;
  for (let round = 0; round < 5; round++) {
    await sql`update outbox set not_before = now() where done < wanted and not dead`.execute(
      statements,
    );
    await lab.drain();
  }
}

async function applied(number: number, file: string): Promise<void> {
  await lab.open(number, [file]);
  await lab.plans(await lab.claim(number));
  await lab.say(number, "bob", "terrane apply");
  await lab.drain();
  expect(lab.vcs.merges).toEqual([]);
  await lab.applies(await lab.claim(number));
  await settle();
}

test("what is applied is merged at that head, after the checks show it, and its branch is deleted", async () => {
  const before = lab.vcs.calls.length;
  await applied(1, "net/main.tf");
  const { head } = lab.vcs.merges[0] ?? {};
  expect(lab.vcs.merges).toEqual([{ head, method: "squash", title: "Terrane automerge #1" }]);
  expect(lab.vcs.deletedBranches).toHaveLength(1);
  const apply = lab.vcs.ownChecks.get(`terrane apply:${head}`);
  expect(apply).toMatchObject({ status: "completed", conclusion: "success" });
  expect(lab.vcs.calls.length).toBeGreaterThan(before);
});

test("a refusal is said in the comment with what to do, and tried again when somebody says so", async () => {
  const refused = { kind: "rejected", message: "1 approving review is required" } as const;
  lab.vcs.mergeAnswers.push(refused, refused, refused);
  await applied(2, "db/main.tf");
  // A forge needs a moment to count a check that was just completed.
  expect(lab.vcs.merges).toHaveLength(3);
  expect(comment(2)).toContain("1 approving review is required");
  expect(comment(2)).toContain("The merge was refused");
  await settle();
  expect(lab.vcs.merges).toHaveLength(3);

  await lab.say(2, "bob", "terrane apply");
  await settle();
  expect(lab.vcs.merges).toHaveLength(4);
  expect(comment(2)).not.toContain("The merge was refused");
});

test("a second refusal is news again", async () => {
  const forbidden = { kind: "forbidden", message: "Resource not accessible" } as const;
  lab.vcs.mergeAnswers.push(forbidden);
  await applied(3, "dns/main.tf");
  expect(comment(3)).toContain("Terrane may not merge");
  lab.vcs.mergeAnswers.push(forbidden);
  await lab.say(3, "bob", "terrane apply");
  await settle();
  expect(lab.vcs.merges).toHaveLength(2);
  expect(comment(3)).toContain("Terrane may not merge");
});

const BY_QUEUE = {
  kind: "rejected",
  message: "Changes must be made through the merge queue",
  byQueue: true,
} as const;

test("S25 what the branch takes through its queue only is put into that once, and said", async () => {
  lab.vcs.mergeAnswers.push(BY_QUEUE, BY_QUEUE);
  // The answer may be lost: then the same is asked for once more.
  lab.vcs.enqueueAnswers.push({ kind: "unavailable", message: "no answer", retryAfterMs: 1 });
  await applied(4, "queue/main.tf");
  const { head } = lab.vcs.merges[0] ?? {};
  expect(lab.vcs.enqueued).toEqual([head, head]);
  expect(comment(4)).toContain("In the merge queue");
  expect(lab.vcs.deletedBranches).toEqual([]);
  await settle();
  expect(lab.vcs.merges).toHaveLength(2);
});

test("a queue that does not take it is a refusal like any other", async () => {
  const refused = { kind: "rejected", message: "1 approving review is required" } as const;
  lab.vcs.mergeAnswers.push(BY_QUEUE, BY_QUEUE, BY_QUEUE);
  lab.vcs.enqueueAnswers.push(refused, refused, refused);
  await applied(5, "late/main.tf");
  expect(lab.vcs.enqueued).toHaveLength(3);
  expect(comment(5)).toContain("1 approving review is required");
  expect(comment(5)).not.toContain("In the merge queue");
});
