import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Prng, prng } from "../../../src/base/prng.ts";
import { startEmbedded } from "../../../src/store/embedded/start.ts";
import { quiet } from "../quiet.ts";
import { Person } from "./person.ts";
import { ChaosServer, freePort } from "./server.ts";
import { findVictims, kill, VICTIMS, type Victim } from "./victims.ts";

export interface ChaosReport {
  readonly seed: number;
  readonly kills: Readonly<Record<Victim, number>>;
  readonly journeys: number;
  readonly retries: number;
  readonly refusals: number;
  /** Two applies of one dirspace that ran at once, seen from inside terraform. */
  readonly overlaps: number;
  /** Plans that were granted more than once. */
  readonly plansAppliedTwice: number;
  readonly locksLeft: number;
  readonly grants: number;
  readonly seconds: number;
}

const DIRS = ["base", "middle", "left", "right"];
const CONFIG = 'dirs: {middle: {when_modified: {depends_on: "dir:base"}}}\n';

/** Kills at random until there were enough, then lets the journey end in peace and counts what happened. */
export async function chaos(options: {
  readonly seed: number;
  readonly kills: number;
  readonly say: (text: string) => void;
}): Promise<ChaosReport> {
  const started = performance.now();
  const random = prng(options.seed);
  const root = mkdtempSync(join(tmpdir(), "terrane-chaos-"));
  chmodSync(root, 0o711);
  const dataDir = join(root, "data");
  const ledger = join(root, "ledger");
  writeFileSync(join(root, "apply.sh"), APPLY_SCRIPT, { mode: 0o755 });
  const server = new ChaosServer(dataDir, await freePort());
  const person = new Person(server);
  const done: Record<Victim, number> = { server: 0, database: 0, runner: 0, terraform: 0 };
  const total = () => VICTIMS.reduce((sum, victim) => sum + done[victim], 0);
  let journeys = 0;
  try {
    await server.start();
    await person.prepare({ ".terrane/config.yml": CONFIG, ...modules(0, root, ledger) });
    const killing = killer({
      random,
      server,
      wanted: options.kills,
      done,
      total,
      say: options.say,
    });
    while (total() < options.kills || journeys === 0) {
      journeys += 1;
      const detail = await person.journey(journeys, modules(journeys, root, ledger));
      options.say(`journey ${journeys}: ${detail.state}, ${total()} kills`);
    }
    await killing;
    // In peace: what is merged is applied, and a last look finds nothing to do.
    await person.journey(journeys + 1, modules(journeys + 1, root, ledger));
    const locksLeft = await person.locks();
    await server.stop();
    const { plansAppliedTwice, grants } = await readGrants(dataDir);
    return {
      seed: options.seed,
      kills: done,
      journeys: journeys + 1,
      retries: person.retries,
      refusals: person.refusals,
      overlaps: overlaps(ledger),
      plansAppliedTwice,
      grants,
      locksLeft,
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } catch (error) {
    options.say(server.log.slice(-8_000));
    throw error;
  } finally {
    await server.stop();
    person.end();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

interface Killing {
  readonly random: Prng;
  readonly server: ChaosServer;
  readonly wanted: number;
  readonly done: Record<Victim, number>;
  readonly total: () => number;
  readonly say: (text: string) => void;
}

async function killer({ random, server, wanted, done, total, say }: Killing): Promise<void> {
  while (total() < wanted) {
    await sleep(300 + random.below(3_000));
    const victim = random.pick(VICTIMS);
    if (victim === "server") {
      await server.kill();
      done.server += 1;
      await sleep(random.below(800));
      await server.start();
    } else {
      const pids = await waitFor(victim, server.dataDir);
      if (pids.length === 0 || !kill(random.pick(pids))) continue;
      done[victim] += 1;
    }
    say(`killed ${victim} (${total()} of ${wanted})`);
  }
}

/** Runners and tools live for seconds: the killer lies in wait for them. */
async function waitFor(
  victim: Exclude<Victim, "server">,
  dataDir: string,
): Promise<readonly number[]> {
  for (let look = 0; look < 200; look++) {
    const pids = findVictims(victim, dataDir);
    if (pids.length > 0) return pids;
    await sleep(20);
  }
  return [];
}

/** `triggers_replace` runs the script anew in every round; the script notices another one beside it. */
function modules(round: number, root: string, ledger: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    DIRS.map((dir) => [
      `${dir}/main.tf`,
      `resource "terraform_data" "this" {
  triggers_replace = [${round}]
  provisioner "local-exec" {
    command = "sh ${join(root, "apply.sh")} ${dir} ${round} ${ledger}"
  }
}
`,
    ]),
  );
}

/** S1 as the infrastructure would see it: somebody else at work on the same directory is written down. */
const APPLY_SCRIPT = `dir=$1; round=$2; ledger=$3
other=$(cat "$ledger.$dir" 2>/dev/null)
if [ -n "$other" ] && kill -0 "$other" 2>/dev/null; then echo "overlap $dir $round" >> "$ledger"; fi
echo $$ > "$ledger.$dir"
echo "start $dir $round" >> "$ledger"
sleep 0.4
echo "end $dir $round" >> "$ledger"
rm -f "$ledger.$dir"
`;

function overlaps(ledger: string): number {
  if (!existsSync(ledger)) return 0;
  return readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("overlap")).length;
}

/** Reads the database itself: what the index and the grants say happened. */
async function readGrants(
  dataDir: string,
): Promise<{ readonly plansAppliedTwice: number; readonly grants: number }> {
  const embedded = await startEmbedded({ dataDir: join(dataDir, "postgres"), log: quiet });
  const client = new pg.Client({ connectionString: embedded.url });
  try {
    await client.connect();
    const twice = await client.query(
      "select 1 from apply_grant group by dirspace_id, plan_run_id having count(*) > 1",
    );
    const { rows } = await client.query<{ n: string }>("select count(*) as n from apply_grant");
    return { plansAppliedTwice: twice.rowCount ?? 0, grants: Number(rows[0]?.n) };
  } finally {
    await client.end();
    await embedded.stop();
  }
}
