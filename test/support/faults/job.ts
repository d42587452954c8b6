import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Prng } from "../../../src/base/prng.ts";
import { claimAudience } from "../../../src/contract/runner-api.ts";
import type { UnitResult, WorkItem, WorkUnit } from "../../../src/contract/work.ts";
import { Client } from "../../../src/runner/client.ts";
import { Stop } from "../../../src/runner/stop.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import { finishRun, jobEnvironment, startRun } from "../github-double/scene.ts";
import type { WorkflowRun } from "../github-double/world.ts";
import type { Ledger } from "./ledger.ts";

/** How likely it is that a job dies without a word, at each of its steps. */
const DEATH = 0.02;

export interface Machine {
  readonly double: GitHubDouble;
  readonly url: string;
  readonly ledger: Ledger;
  readonly random: Prng;
  /** An apply takes up to this long. */
  readonly applyMs: number;
  /** Called once the job has its work; it goes on when that resolves. */
  readonly onClaimed?: () => Promise<void>;
  /** False in the calm at the end. */
  readonly stormy: () => boolean;
}

/** The machine went away under the job. */
class Died extends Error {}

/** A CI job with the runner's own wire and without tools: it plans and applies by writing into the ledger. */
export async function workJob(machine: Machine, run: WorkflowRun): Promise<void> {
  await startRun(machine.double, run);
  try {
    await work(machine, run);
    await finishRun(machine.double, run, "success");
  } catch {
    // Whatever the reason: the CI system says that the job is over, which is true.
    await finishRun(machine.double, run, "failure");
  }
}

async function work(machine: Machine, run: WorkflowRun): Promise<void> {
  const attempt = run.inputs["attempt"] ?? "";
  const client = new Client(machine.url, await identity(machine, run, attempt), new Stop());
  maybeDie(machine);
  const claimed = await client.claim(attempt);
  if (claimed.kind !== "ok") return;
  machine.ledger.claimed(attempt);
  const { work: item, credential } = claimed.value;
  client.bind(item.runId, credential);
  await machine.onClaimed?.();
  await client.heartbeat([]);
  for (const unit of item.units) {
    maybeDie(machine);
    await workUnit(machine, client, item, unit);
  }
  maybeDie(machine);
  await client.finish({ failure: null });
}

async function workUnit(
  machine: Machine,
  client: Client,
  item: WorkItem,
  unit: WorkUnit,
): Promise<void> {
  const where = { dir: unit.dir, workspace: unit.workspace };
  const send = (result: UnitResult) =>
    client.result({ format: 1, unit: where, result, durationMs: 5 });
  if (item.kind === "plan") {
    const digest = createHash("sha256").update(`${item.runId} ${unit.dir}`).digest("hex");
    await client.putPlan(digest, Buffer.from(`the plan of ${unit.dir}`));
    maybeDie(machine);
    await send({
      outcome: "planned",
      changed: true,
      planDigest: digest,
      counts: { ...NO_COUNTS, create: 1 },
      changes: [],
      text: "",
    });
    return;
  }
  const planDigest = unit.planDigest ?? "";
  const grant = await client.grant({ unit: where, planDigest });
  if (grant.kind !== "ok" || grant.value.kind !== "granted") {
    await send({ outcome: "not_started", because: "no permission" });
    return;
  }
  const end = machine.ledger.begin(`${item.repository.fullName} ${unit.dir}`, planDigest);
  try {
    await sleep(5 + machine.random.below(machine.applyMs));
    maybeDie(machine);
  } finally {
    end();
  }
  await send({ outcome: "applied", fence: grant.value.fence, outputs: [], text: "" });
}

const NO_COUNTS = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

function maybeDie({ random, stormy }: Machine): void {
  if (stormy() && random.chance(DEATH)) throw new Died("the machine went away");
}

async function identity(
  { double, url }: Machine,
  run: WorkflowRun,
  attempt: string,
): Promise<string> {
  const env = jobEnvironment(double, run);
  const asked = new URL(env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "");
  asked.searchParams.set("audience", claimAudience(url, attempt));
  const reply = await fetch(asked, {
    headers: { authorization: `Bearer ${env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""}` },
  });
  return ((await reply.json()) as { value: string }).value;
}
