import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Prng, prng } from "../../../src/base/prng.ts";
import type { DeliveryRecord } from "../github-double/deliveries.ts";
import { APP_PERMISSIONS, type GitHubDouble, startGitHubDouble } from "../github-double/index.ts";
import { createRepository } from "../github-double/scene.ts";
import {
  acknowledged,
  duplicateEffects,
  lostOf,
  unacknowledged,
  unfinished,
  withDatabase,
} from "./count.ts";
import { type Crowd, DIRS, gatherCrowd } from "./crowd.ts";
import { type Fleet, startFleet, WEBHOOK_SECRET } from "./fleet.ts";
import { workJob } from "./job.ts";
import { type Ledger, openLedger } from "./ledger.ts";

/** The last line that `npm run faults -- --json` prints. */
export interface FaultsReport {
  readonly seed: number;
  /** Webhooks sent, redelivered ones included. */
  readonly sent: number;
  /** Different ones that were answered with a 2xx. */
  readonly acknowledged: number;
  /** Of those the ones that the database does not know at the end. */
  readonly lost: number;
  /** Comments, checks and reactions that are there twice, and attempts that two jobs were given. */
  readonly duplicateEffects: number;
  /** Applies beside each other on one dirspace, and plans applied a second time. */
  readonly doubleApplies: number;
  /** SIGKILLs of servers and immediate stops of the database. */
  readonly kills: number;
  readonly connectionsCut: number;
  /** 5xx answers of GitHub's API, half of them after the work was done. */
  readonly apiFaults: number;
  readonly applies: number;
  readonly pullRequests: number;
  /** What had not come to rest when patience ended. */
  readonly stuck: readonly string[];
  readonly seconds: number;
}

const SERVERS = 2;
const CALM_MS_MAX = 240_000;
const EVENTS = [
  "pull_request",
  "issue_comment",
  "pull_request_review",
  "push",
  "workflow_run",
] as const;

interface Storm {
  readonly double: GitHubDouble;
  readonly fleet: Fleet;
  readonly random: Prng;
  kills: number;
  cut: number;
  apiFaults: number;
}

/** Real servers on a real database under load, with everything between them failing; then calm, then the count. */
export async function faults(options: {
  readonly seed: number;
  readonly minutes: number;
  readonly say: (text: string) => void;
}): Promise<FaultsReport> {
  const started = performance.now();
  const random = prng(options.seed);
  const double = await startGitHubDouble();
  const ledger = openLedger();
  const fleet = await startFleet({ servers: SERVERS, random: random.fork(), double });
  try {
    const crowd = await gather(double, random.fork());
    double.sendWebhooksTo(`${fleet.url}/api/v1/webhooks/github`, WEBHOOK_SECRET);
    const end = performance.now() + options.minutes * 60_000;
    const stormy = () => performance.now() < end;
    const storm: Storm = { double, fleet, random: random.fork(), kills: 0, cut: 0, apiFaults: 0 };
    const machine = { double, url: fleet.url, ledger, random: random.fork(), stormy };
    double.world.onRun = (run) => void workJob(machine, run);
    const telling = setInterval(() => {
      const { kills } = storm;
      options.say(
        `${kills} kills, ${acknowledged(double).size} acknowledged, ${ledger.applies()} applies`,
      );
    }, 15_000);
    await Promise.all([crowd.people.act(stormy), blow(storm, stormy)]).finally(() =>
      clearInterval(telling),
    );
    options.say("calm");
    const stuck = await calm(double, fleet);
    return await count({ ...options, started, storm, crowd, ledger, stuck });
  } catch (error) {
    options.say(fleet.log().slice(-16_000));
    throw error;
  } finally {
    await fleet.close();
    await double.close();
  }
}

interface Gathered {
  readonly people: Crowd;
  readonly repo: Awaited<ReturnType<typeof createRepository>>;
}

async function gather(double: GitHubDouble, random: Prng): Promise<Gathered> {
  const { account } = double.organization("acme", { ann: "member" });
  double.install(account, { permissions: APP_PERMISSIONS, events: EVENTS });
  const workflow = join(import.meta.dirname, "../../../deploy/github/terrane.yml");
  const repo = await createRepository(double, account, "infra", {
    collaborators: { ann: "admin" },
    files: {
      ".github/workflows/terrane.yml": readFileSync(workflow, "utf8"),
      ...Object.fromEntries(DIRS.map((dir) => [`${dir}/main.tf`, "# nothing yet\n"])),
    },
  });
  const by = double.user("ann");
  return { repo, people: gatherCrowd({ double, repo, by, random, pauseMs: 120 }) };
}

/** One misfortune after the other, until the weather changes. */
async function blow(storm: Storm, stormy: () => boolean): Promise<void> {
  const { random, fleet, double } = storm;
  while (stormy()) {
    await sleep(random.below(2_000));
    switch (random.below(8)) {
      case 0:
      case 1:
        await fleet.killServer(random.below(3_000));
        storm.kills += 1;
        break;
      case 2:
        fleet.stopDatabase();
        storm.kills += 1;
        break;
      case 3:
        storm.cut += fleet.databaseWire.cut(0.5);
        break;
      case 4:
        storm.cut += fleet.frontWire.cut(0.5);
        break;
      case 5:
        double.faults.badGateway({ times: 1 + random.below(4) });
        storm.apiFaults += 1;
        break;
      case 6:
        double.faults.lostAnswer({ times: 1 + random.below(3) });
        storm.apiFaults += 1;
        break;
      default:
        double.deliveries.next("issue_comment", { kind: "duplicated", times: 3 }, 5);
    }
  }
}

/** Nothing fails any more: what was not acknowledged is sent again, and everything comes to rest. */
async function calm(double: GitHubDouble, fleet: Fleet): Promise<readonly string[]> {
  double.faults.clear();
  double.deliveries.clearMishaps();
  await fleet.healed();
  const deadline = performance.now() + CALM_MS_MAX;
  for (;;) {
    await double.settled();
    for (const id of unacknowledged(double)) double.deliveries.redeliver(double.world, id);
    await double.settled();
    const open = await withDatabase(fleet.databaseUrl, unfinished);
    if (open.length === 0 && unacknowledged(double).length === 0) return [];
    if (performance.now() > deadline) return open;
    await sleep(1_000);
  }
}

async function count(all: {
  readonly seed: number;
  readonly started: number;
  readonly storm: Storm;
  readonly crowd: Gathered;
  readonly ledger: Ledger;
  readonly stuck: readonly string[];
  readonly say: (text: string) => void;
}): Promise<FaultsReport> {
  const { storm, crowd, ledger, stuck } = all;
  const { double, fleet, kills, cut, apiFaults } = storm;
  const guids = acknowledged(double);
  const lost = await withDatabase(fleet.databaseUrl, (client) => lostOf(client, guids));
  const doubles = ledger.doubleApplies();
  const nameOf = new Map(double.deliveries.log.map((one) => [one.guid, nameOfDelivery(one)]));
  for (const one of [...doubles, ...lost.map((guid) => `lost: ${guid} ${nameOf.get(guid)}`)]) {
    all.say(one);
  }
  return {
    seed: all.seed,
    sent: double.deliveries.log.length,
    acknowledged: guids.size,
    lost: lost.length,
    duplicateEffects: duplicateEffects(double, crowd.repo, crowd.people.pulls, ledger),
    doubleApplies: doubles.length,
    kills,
    connectionsCut: cut,
    apiFaults,
    applies: ledger.applies(),
    pullRequests: crowd.people.pulls.length,
    stuck,
    seconds: Math.round((performance.now() - all.started) / 1_000),
  };
}

function nameOfDelivery({ event, action, responseBody }: DeliveryRecord): string {
  return `${event}.${action ?? ""} answered ${responseBody}`;
}
