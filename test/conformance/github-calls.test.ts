import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Pull, Repository } from "../support/github-double/world.ts";
import { type Cycle, lowerBound } from "../support/github-hour/bound.ts";
import { type Hour, startHour } from "../support/github-hour/hour.ts";
import { workflowFile } from "../support/github-lab.ts";

/** A thousand take minutes in the simulated database, and are for whoever asks for them. */
const LARGE = process.env["TERRANE_CALLS_LARGE"] === undefined ? [] : [1_000];
const DIRSPACES: readonly number[] = [1, 10, 100, ...LARGE];
const FILES = [10, 300, 5_000] as const;
const CYCLES: readonly Cycle[] = ["open", "push", "comment", "apply", "merge"];
const RATIO_MAX = 1.2;

type Classes = Readonly<Record<"query" | "read" | "write" | "content", number>>;

/** What each cycle costs, whatever the number of dirspaces and of changed files. */
const CALLS: Readonly<Record<Cycle, Classes>> = {
  open: { query: 1, read: 1, write: 4, content: 1 },
  push: { query: 1, read: 1, write: 5, content: 1 },
  comment: { query: 1, read: 1, write: 0, content: 2 },
  apply: { query: 2, read: 1, write: 2, content: 2 },
  merge: { query: 2, read: 1, write: 0, content: 1 },
};

const CENTRAL_MS = 60_000;

let hour: Hour;
let repo: Repository;
let ann: Account;
const rows: string[] = [];

/** Groups of directories that are all planned when a file of theirs changes that is in none of them. */
function config(): string {
  const groups = DIRSPACES.map(
    (k) => `  "g${k}/*": {when_modified: {file_patterns: ["shared${k}/**"]}}`,
  );
  return `version: "1"\nparallel_runs: 10\ndirs:\n${groups.join("\n")}\n`;
}

function sharedFiles(k: number, f: number, text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: f }, (_, n) => [`shared${k}/${n}.json`, JSON.stringify({ text, n })]),
  );
}

beforeAll(async () => {
  hour = await startHour();
  const { double } = hour;
  const { account } = double.organization("acme", { ann: "member" });
  double.install(account);
  ann = double.user("ann");
  const directories = DIRSPACES.flatMap((k) =>
    Array.from({ length: k }, (_, n) => [`g${k}/d${n}/main.tf`, ""] as const),
  );
  repo = await scene.createRepository(double, account, "infra", {
    collaborators: { ann: "write" },
    files: {
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": config(),
      ...Object.fromEntries(directories),
    },
  });
  // The first one of a repository is asked for what never changes: its id, and the files of the base.
  const pull = await open("first", 1, 10);
  scene.comment(double, pull, ann, "terrane apply");
  await hour.quiet();
  await merge(pull);
});

afterAll(async () => {
  await hour.close();
});

async function open(name: string, k: number, f: number): Promise<Pull> {
  const { double } = hour;
  const files = sharedFiles(k, f, `${name} one`);
  await scene.push(double, repo, { branch: name, files, by: ann });
  await hour.quiet();
  const pull = await scene.openPull(double, repo, { by: ann, head: name });
  await hour.quiet();
  return pull;
}

async function merge(pull: Pull): Promise<void> {
  await scene.merge(hour.double, pull, ann);
  await hour.quiet();
}

function counted(): Classes {
  const { graphql: query, read, write, content } = hour.double.world.journal.classes;
  return { query, read, write, content };
}

async function callsOf(work: () => Promise<unknown>): Promise<Classes> {
  const before = counted();
  await work();
  await hour.quiet();
  const after = counted();
  const { query, read, write, content } = before;
  return {
    query: after.query - query,
    read: after.read - read,
    write: after.write - write,
    content: after.content - content,
  };
}

function sum({ query, read, write, content }: Classes): number {
  return query + read + write + content;
}

function phases(): readonly string[] {
  const { pullRequests, runs } = hour.memory.tables;
  const newest = [...pullRequests.values()].at(-1);
  return [...runs.values()]
    .filter((run) => run.pullRequestId === newest?.id)
    .map((run) => `${run.kind} ${run.outcome}`);
}

test.each(DIRSPACES.flatMap((k) => FILES.map((f) => [k, f] as const)))(
  "%i dirspaces by %i changed files cost the same few calls",
  { timeout: 600_000 },
  async (k, f) => {
    const { double } = hour;
    const name = `change-${k}-${f}`;
    // The owner's central repository is looked for once a minute; with that look a cycle begins, whichever came before.
    await hour.until(hour.now() + CENTRAL_MS);
    const prior = sharedFiles(k, f, "before");
    await scene.push(double, repo, { branch: name, files: prior, by: ann });
    await hour.quiet();
    let pull: Pull | undefined;
    const got: Record<Cycle, Classes> = {
      open: await callsOf(async () => {
        pull = await scene.openPull(double, repo, { by: ann, head: name });
      }),
      push: await callsOf(() =>
        scene.push(double, repo, { branch: name, files: sharedFiles(k, f, "after"), by: ann }),
      ),
      comment: await callsOf(async () => {
        scene.comment(double, present(pull, "it is open"), ann, "terrane why");
      }),
      apply: await callsOf(async () => {
        scene.comment(double, present(pull, "it is open"), ann, "terrane apply");
      }),
      merge: await callsOf(async () => await merge(present(pull, "it is open"))),
    };
    expect(phases()).toEqual(["plan finished", "plan finished", "apply finished"]);
    for (const cycle of CYCLES) {
      const [calls, bound] = [sum(got[cycle]), lowerBound(cycle, k, f)];
      const { query, read, write, content } = got[cycle];
      rows.push(
        `| ${cycle} | ${k} | ${f} | ${query} | ${read} | ${write} | ${content} | ${calls} | ${bound} | ${(calls / bound).toFixed(2)} |`,
      );
    }
    expect(got).toEqual(CALLS);
    for (const cycle of CYCLES)
      expect(sum(got[cycle]) / lowerBound(cycle, k, f), cycle).toBeLessThanOrEqual(RATIO_MAX);
  },
);

/** On top of what each cycle costs where no policy asks for comments about results. */
const POLICY_CALLS: Readonly<Record<"open" | "push" | "apply", Classes>> = {
  open: { query: 0, read: 0, write: 0, content: 1 },
  // The older one is looked up and hidden.
  push: { query: 1, read: 1, write: 0, content: 1 },
  apply: { query: 1, read: 1, write: 0, content: 1 },
};

test("a policy costs a comment for each run, and a look and a query to hide the one before", async () => {
  const { double } = hour;
  const policy = "notifications: {policies: [{tag_query: ''}]}\n";
  const told = await scene.createRepository(double, repo.owner, "told", {
    collaborators: { ann: "write" },
    files: {
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": `version: "1"\n${policy}`,
      "net/main.tf": "",
    },
  });
  const push = async (branch: string, text: string) => {
    const files = { "net/main.tf": text };
    await scene.push(double, told, { branch, files, by: ann });
  };
  const cycles = async (branch: string): Promise<Record<keyof typeof POLICY_CALLS, Classes>> => {
    await hour.until(hour.now() + CENTRAL_MS);
    await push(branch, `# ${branch}`);
    await hour.quiet();
    let pull: Pull | undefined;
    const got = {
      open: await callsOf(async () => {
        pull = await scene.openPull(double, told, { by: ann, head: branch });
      }),
      push: await callsOf(() => push(branch, `# ${branch} again`)),
      apply: await callsOf(async () => {
        scene.comment(double, present(pull, "it is open"), ann, "terrane apply");
      }),
    };
    const shown = scene.botComments(double, present(pull, "it is open"));
    expect(shown.map(({ minimized }) => minimized)).toEqual([
      undefined,
      "outdated",
      "outdated",
      undefined,
    ]);
    await merge(present(pull, "it is open"));
    return got;
  };
  // The first one of a repository asks for what never changes.
  await cycles("first");
  const got = await cycles("second");
  for (const cycle of ["open", "push", "apply"] as const) {
    const [plain, more] = [CALLS[cycle], POLICY_CALLS[cycle]];
    const sums = Object.entries(plain).map(([kind, n]) => [kind, n + more[kind as keyof Classes]]);
    expect(got[cycle], cycle).toEqual(Object.fromEntries(sums));
  }
});

test("nothing crossed the wire that GitHub's descriptions do not allow, and the table is whole", () => {
  expect(hour.double.violations()).toEqual([]);
  expect(rows).toHaveLength(DIRSPACES.length * FILES.length * CYCLES.length);
  const head =
    "| cycle | dirspaces | files | query | read | write | content | calls | bound | ratio |";
  process.stdout.write([head, ...rows, ""].join("\n"));
});
