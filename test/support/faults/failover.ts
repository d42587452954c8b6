import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { prng } from "../../../src/base/prng.ts";
import { startGitHubDouble } from "../github-double/index.ts";
import { calm } from "./calm.ts";
import { withDatabase } from "./count.ts";
import { startFailingOverDatabase } from "./failing-over-database.ts";
import { type Fleet, startFleet, WEBHOOK_SECRET } from "./fleet.ts";
import { workJob } from "./job.ts";
import { openLedger } from "./ledger.ts";
import { bringLoad } from "./load.ts";
import { type Tally, tally } from "./tally.ts";

export interface FailoverReport extends Tally {
  readonly stuck: readonly string[];
  /** What a server said while nothing was applied. */
  readonly because: string;
  readonly quarantines: Quarantines;
  readonly appliesBefore: number;
  /** Begun while a server said that there was a quarantine. */
  readonly appliesMeanwhile: number;
}

interface Quarantines {
  /** How many there have been. */
  readonly count: number;
  readonly over: boolean;
}

const SERVERS = 3;
/** Slow enough that plans are applied before the next push makes them stale, on a busy machine too. */
const PAUSE_MS = 400;
const PATIENCE_MS = 120_000;

/** Servers under load lose their primary; its standby takes over, and the load goes on. Then calm, then the count. */
export async function failover(options: {
  readonly seed: number;
  readonly synchronous: boolean;
  /** The load, before the failover and after the quarantine. */
  readonly seconds: number;
  readonly say: (text: string) => void;
}): Promise<FailoverReport> {
  const started = performance.now();
  const say = (text: string) =>
    options.say(`${Math.round((performance.now() - started) / 1_000)} s: ${text}`);
  const random = prng(options.seed);
  const double = await startGitHubDouble();
  const ledger = openLedger();
  const database = await startFailingOverDatabase({
    random: random.fork(),
    synchronous: options.synchronous,
  });
  const databaseUrl = database.directUrl;
  const fleet = await startFleet({
    servers: SERVERS,
    random: random.fork(),
    double,
    database,
    env: { TERRANE_QUARANTINE_SECONDS: "5" },
  });
  let stormy = true;
  try {
    const load = await bringLoad(double, random.fork(), PAUSE_MS);
    double.sendWebhooksTo(`${fleet.url}/api/v1/webhooks/github`, WEBHOOK_SECRET);
    const machine = {
      double,
      url: fleet.url,
      ledger,
      random: random.fork(),
      stormy: () => stormy,
    };
    double.world.onRun = (run) => void workJob(machine, run);
    say("the load begins");
    const acting = load.people.act(() => stormy);
    await Promise.race([acting, sleep(options.seconds * 1_000)]);
    const appliesBefore = ledger.applies();
    await database.failOver();
    say(`failed over after ${appliesBefore} applies`);
    const because = await told(fleet);
    const applies = ledger.applies();
    say(`quarantine: ${because}`);
    await over(databaseUrl);
    say("the quarantine is over");
    const appliesMeanwhile = ledger.applies() - applies;
    await Promise.race([acting, sleep(options.seconds * 1_000)]);
    stormy = false;
    await acting;
    say("calm");
    const stuck = await calm(double, fleet, databaseUrl);
    say("all has come to rest");
    const quarantines = await withDatabase(databaseUrl, known);
    const counted = await tally({ double, databaseUrl, load, ledger, say });
    return { ...counted, stuck, because, quarantines, appliesBefore, appliesMeanwhile };
  } catch (error) {
    say(database.log().slice(-4_000));
    say(fleet.log().slice(-16_000));
    throw error;
  } finally {
    stormy = false;
    await fleet.close();
    await double.close();
  }
}

/** What a server says when it has noticed. */
function told(fleet: Fleet): Promise<string> {
  return patiently(async () => {
    const reply = await fleet.server()?.api("server", {});
    return reply?.kind === "ok" ? reply.value.quarantine?.because : undefined;
  });
}

function over(databaseUrl: string): Promise<true> {
  return patiently(async () => ((await withDatabase(databaseUrl, known)).over ? true : undefined));
}

async function known(client: pg.Client): Promise<Quarantines> {
  const { rows } = await client.query<Quarantines>(
    "select quarantines as count, quarantined_at is null as over from cluster",
  );
  return rows[0] ?? { count: 0, over: true };
}

async function patiently<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    // Servers that are just finding their database again answer otherwise.
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error("it did not come to pass");
    await sleep(100);
  }
}
