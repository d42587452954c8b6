import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { type Example, readExamples } from "../../../test/support/github-payloads/examples.ts";
import { mutatePayload } from "../../../test/support/github-payloads/mutate.ts";
import { present } from "../../base/assert.ts";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type { Received } from "../../ports/vcs.ts";
import { createReceiver } from "./webhook.ts";

/** CI runs a share of fixed numbers; `GITHUB_MUTATIONS=100000` runs as many as are promised. */
const MUTATIONS = Number(process.env["GITHUB_MUTATIONS"] ?? 3_000);
const SECRET = "the secret of the examples";
const receiver = createReceiver({ secrets: [SECRET], appId: 29_310 });
const EXAMPLES = readExamples();

async function receive(event: string, body: Uint8Array): Promise<Received> {
  const headers = {
    "x-github-event": event,
    "x-github-delivery": "0b989ba4-242f-11e5-81e1-c7b6966d2516",
    "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
  };
  return await receiver.receive({ headers, body });
}

/** As an app gets it; the examples of webhooks of repositories lack that. */
function installed({ payload }: Example): Uint8Array {
  return Buffer.from(JSON.stringify({ installation: { id: 7 }, ...payload }));
}

/** Also for mutated ones: what is stored of a doubt are ids. */
function outcomeOf(received: Received): string {
  return received.kind === "event" ? `event: ${received.event.what.kind}` : received.kind;
}

test("every published payload of GitHub and of Enterprise Servers is handled, or ignored for a reason of its own", async () => {
  const counts = new Map<string, Map<string, number>>();
  const reasons = new Map<string, Set<string>>();
  for (const example of EXAMPLES) {
    const received = await receive(example.event, installed(example));
    const outcome = outcomeOf(received);
    expect(outcome, `${example.event} ${JSON.stringify(received)}`).not.toBe("rejected");
    const ofSite = counts.get(example.site) ?? new Map<string, number>();
    counts.set(example.site, ofSite.set(outcome, (ofSite.get(outcome) ?? 0) + 1));
    if (received.kind !== "ignored") continue;
    expect(received.because).toMatch(/^[^\p{Cc}]{10,200}\.$/u);
    expect(received.because).not.toContain("does not know");
    const of = reasons.get(received.because) ?? new Set<string>();
    reasons.set(received.because, of.add(example.event));
  }
  const rows = [...counts].map(([site, of]) => [site, Object.fromEntries(of)]);
  const table = Object.fromEntries(rows) as Record<string, Record<string, number>>;
  process.stdout.write(`${EXAMPLES.length} payloads: ${JSON.stringify(table)}\n`);
  expect(reasons.size).toBeGreaterThan(20);
  expect(table).toMatchInlineSnapshot(`
    {
      "api.github.com": {
        "doubt": 21,
        "event: branch_pushed": 2,
        "event: ci_ended": 5,
        "event: merge_group": 2,
        "event: pressed": 2,
        "event: pull_request": 15,
        "event: review": 4,
        "ignored": 278,
      },
      "ghes-31": {
        "doubt": 3,
        "event: ci_ended": 1,
        "event: pull_request": 1,
        "event: review": 1,
        "ignored": 43,
      },
      "ghes-32": {
        "doubt": 3,
        "event: ci_ended": 1,
        "event: pull_request": 1,
        "event: review": 1,
        "ignored": 43,
      },
      "ghes-33": {
        "doubt": 3,
        "event: ci_ended": 1,
        "event: pull_request": 1,
        "event: review": 1,
        "ignored": 44,
      },
      "ghes-34": {
        "doubt": 10,
        "event: ci_ended": 1,
        "event: pull_request": 3,
        "event: review": 2,
        "ignored": 108,
      },
      "ghes-35": {
        "doubt": 10,
        "event: ci_ended": 1,
        "event: pull_request": 3,
        "event: review": 2,
        "ignored": 109,
      },
    }
  `);
});

/** There are hundreds of payloads from which nothing follows, so that the others have half of the mutations. */
async function heardOf(examples: readonly Example[]): Promise<readonly Example[]> {
  const outcomes = await Promise.all(
    examples.map((example) => receive(example.event, installed(example))),
  );
  return examples.filter((_, at) => outcomes[at]?.kind === "event");
}

/** The published ones are on issues. */
function commentsOnPulls(): readonly Example[] {
  return EXAMPLES.filter(
    ({ event, payload }) => event === "issue_comment" && payload["action"] === "created",
  ).map((example) => {
    const issue = { ...(example.payload["issue"] as object), pull_request: { url: "x" } };
    return { ...example, payload: { ...example.payload, issue } };
  });
}

const ID = /^[1-9]\d{0,15}$/;
const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const LINE = /^[^\p{Cc}\p{Cs}]{1,300}$/u;

/** What the types promise, and what a database can store. */
function broken({ installation, repository, deliveryId, what }: VcsEvent): string | undefined {
  const ids = [installation, repository.id];
  const lines = [repository.fullName, repository.defaultBranch, deliveryId];
  const commits: string[] = [];
  const numbers: number[] = "number" in what ? [what.number] : [];
  switch (what.kind) {
    case "comment":
      ids.push(what.commentId, what.author.id);
      lines.push(what.author.login);
      if (what.body.length > 262_144) return "a comment longer than any";
      break;
    case "pressed":
      ids.push(what.actor.id);
      lines.push(what.actor.login);
      commits.push(what.head);
      break;
    case "branch_pushed":
      lines.push(what.branch);
      commits.push(what.after);
      break;
    case "merge_group":
      lines.push(what.group.baseRef);
      commits.push(what.group.head, what.group.base);
      break;
    case "ci_ended":
      ids.push(what.ciRun);
      break;
    case "pull_request":
    case "review":
      break;
  }
  const id = ids.find((one) => !ID.test(one));
  const line = lines.find((one) => !LINE.test(one));
  const commit = commits.find((one) => !SHA.test(one));
  const number = numbers.find((one) => !Number.isInteger(one) || one < 1 || one >= 2 ** 31);
  return id ?? line ?? commit ?? number?.toString();
}

test(`${MUTATIONS} mutated payloads crash nothing and give no event that is not what it promises`, async () => {
  const counts: Record<string, number> = {};
  const heard = await heardOf([...EXAMPLES, ...commentsOnPulls()]);
  for (let seed = 0; seed < MUTATIONS; seed += 1) {
    const pool = seed % 2 === 0 ? heard : EXAMPLES;
    const example = present(pool[seed % pool.length], "the pool is not empty");
    const { event, body } = mutatePayload(
      { ...example, payload: { installation: { id: 7 }, ...example.payload } },
      EXAMPLES,
      seed,
    );
    const received = await receive(event, body);
    counts[received.kind] = (counts[received.kind] ?? 0) + 1;
    if (received.kind === "event") expect(broken(received.event), `seed ${seed}`).toBeUndefined();
    else if (received.kind === "doubt") {
      const { installation, repositories } = received.doubt;
      for (const id of [installation || "1", ...repositories])
        expect(id, `seed ${seed}`).toMatch(ID);
    } else expect(received.because, `seed ${seed}`).toMatch(/^[^\p{Cc}]{10,300}$/u);
    if (received.kind === "ignored" && received.about !== undefined) {
      expect(received.about.repository, `seed ${seed}`).toMatch(ID);
    }
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  process.stdout.write(`${MUTATIONS} mutated payloads: ${JSON.stringify(counts)}\n`);
  expect(counts["event"]).toBeGreaterThan(MUTATIONS / 20);
  expect(counts["ignored"]).toBeGreaterThan(MUTATIONS / 10);
  expect(counts["rejected"]).toBeGreaterThan(MUTATIONS / 10);
}, 1_800_000);

test("a number makes the same mutation again", () => {
  const of = (seed: number) => {
    const [example] = EXAMPLES;
    return example === undefined ? [] : [...mutatePayload(example, EXAMPLES, seed).body];
  };
  expect(of(11)).toEqual(of(11));
  expect(of(11)).not.toEqual(of(12));
});
