import { setTimeout as sleep } from "node:timers/promises";
import { type Prng, prng } from "../../../src/base/prng.ts";
import { type GitHubDouble, startGitHubDouble } from "../github-double/index.ts";
import { calm } from "./calm.ts";
import { acknowledged } from "./count.ts";
import { type CrashingDatabase, startCrashingDatabase } from "./crashing-database.ts";
import { type Fleet, startFleet, WEBHOOK_SECRET } from "./fleet.ts";
import { workJob } from "./job.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { bringLoad } from "./load.ts";
import { type Tally, tally } from "./tally.ts";

/** The last line that `npm run faults -- --json` prints. */
export interface FaultsReport extends Tally {
  readonly seed: number;
  /** SIGKILLs of servers and immediate stops of the database. */
  readonly kills: number;
  /** Of these the ones that met an apply at its work. */
  readonly killsDuringApplies: number;
  readonly connectionsCut: number;
  /** 5xx answers of GitHub's API, half of them after the work was done. */
  readonly apiFaults: number;
  /** What had not come to rest when patience ended. */
  readonly stuck: readonly string[];
  readonly seconds: number;
}

const SERVERS = 2;
/** About what two servers that keep dying can decide: with more, a backlog grows in which no plan is ever current. */
const PACE = { pauseMs: 1_500, openMax: 6, patient: false };
/** Long enough that much of what fails meets an apply at its work. */
const APPLY_MS = 2_000;

/** Misfortunes in a row. */
const GUST_MAX = 8;
const LULL_MIN_MS = 5_000;
const LULL_MORE_MS = 15_000;

const LONGER_MS_MAX = 90_000;

interface Storm {
  readonly double: GitHubDouble;
  readonly fleet: Fleet;
  readonly database: CrashingDatabase;
  readonly random: Prng;
  readonly ledger: Ledger;
  kills: number;
  killsDuringApplies: number;
  cut: number;
  apiFaults: number;
}

/** Real servers on a real database under load, with everything between them failing; then calm, then the count. */
export async function faults(options: {
  readonly seed: number;
  readonly minutes: number;
  readonly say: (text: string) => void;
}): Promise<FaultsReport> {
  const { seed, say } = options;
  const started = performance.now();
  const random = prng(seed);
  const double = await startGitHubDouble();
  const ledger = openLedger();
  const database = await startCrashingDatabase(random.fork());
  const databaseUrl = database.directUrl;
  const fleet = await startFleet({ servers: SERVERS, random: random.fork(), double, database });
  try {
    const load = await bringLoad(double, random.fork(), PACE);
    double.sendWebhooksTo(`${fleet.url}/api/v1/webhooks/github`, WEBHOOK_SECRET);
    const end = performance.now() + options.minutes * 60_000;
    // Short weather may hurt nobody, and shows nothing then: it goes on until somebody was killed and something applied.
    const stormy = () =>
      performance.now() < end ||
      ((storm.kills === 0 || ledger.applies() === 0) && performance.now() < end + LONGER_MS_MAX);
    const storm: Storm = {
      double,
      fleet,
      database,
      random: random.fork(),
      ledger,
      kills: 0,
      killsDuringApplies: 0,
      cut: 0,
      apiFaults: 0,
    };
    const machine = {
      double,
      url: fleet.url,
      ledger,
      random: random.fork(),
      applyMs: APPLY_MS,
      stormy,
    };
    double.world.onRun = (run) => void workJob(machine, run);
    const telling = setInterval(() => {
      const { kills } = storm;
      say(`${kills} kills, ${acknowledged(double).size} acknowledged, ${ledger.applies()} applies`);
    }, 15_000);
    await Promise.all([load.people.act(stormy), blow(storm, stormy)]).finally(() =>
      clearInterval(telling),
    );
    say("calm");
    const stuck = await calm(double, fleet, databaseUrl);
    return {
      seed,
      ...(await tally({ double, databaseUrl, load, ledger, say })),
      kills: storm.kills,
      killsDuringApplies: storm.killsDuringApplies,
      connectionsCut: storm.cut,
      apiFaults: storm.apiFaults,
      stuck,
      seconds: Math.round((performance.now() - started) / 1_000),
    };
  } catch (error) {
    say(fleet.log().slice(-16_000));
    throw error;
  } finally {
    await fleet.close();
    await double.close();
  }
}

/** Without pauses nothing ever gets as far as an apply, and nothing is hurt that matters. */
async function lull(random: Prng, stormy: () => boolean): Promise<void> {
  const until = performance.now() + LULL_MIN_MS + random.below(LULL_MORE_MS);
  while (stormy() && performance.now() < until) await sleep(250);
}

/** One misfortune after the other in gusts, until the weather changes. */
async function blow(storm: Storm, stormy: () => boolean): Promise<void> {
  const { random, fleet, database, double } = storm;
  let left = 1 + random.below(GUST_MAX);
  while (stormy()) {
    if (left-- === 0) {
      left = 1 + random.below(GUST_MAX);
      await lull(random, stormy);
      continue;
    }
    await sleep(random.below(2_000));
    switch (random.below(8)) {
      case 0:
      case 1:
        noteKill(storm);
        await fleet.killServer(random.below(3_000));
        break;
      case 2:
        noteKill(storm);
        database.crash();
        break;
      case 3:
        storm.cut += database.wire.cut(0.5);
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

function noteKill(storm: Storm): void {
  storm.kills += 1;
  if (storm.ledger.atWork() > 0) storm.killsDuringApplies += 1;
}
