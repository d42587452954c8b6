import { actionsHost, isActionsHost } from "../runner/host/github-actions.ts";
import type { HostEnv } from "../runner/host/host.ts";
import { localHost } from "../runner/host/local.ts";
import { runJob } from "../runner/run-job.ts";
import { Stop } from "../runner/stop.ts";
import { withInputs } from "./action-inputs.ts";
import { ENGINE_SITES } from "./engine-sites.ts";
import { keepHeapSmall } from "./small-heap.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

const GRACE_SECONDS = 30;
const CONTACT_LOST_SECONDS = 600;

const print = (text: string) => process.stdout.write(text);

function seconds(env: HostEnv, name: string, otherwise: number): number {
  const value = Number(env[name] ?? otherwise);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}

async function main(): Promise<number> {
  if (process.argv.includes("--self-test")) {
    print("The runner is complete.\n");
    return 0;
  }
  keepHeapSmall();
  const given = withInputs(process.env);
  if (given.kind === "refused") {
    print(`${given.message}\n`);
    return 2;
  }
  const { env } = given;
  const found = isActionsHost(env)
    ? actionsHost(env, process.cwd(), print)
    : localHost(env, process.cwd(), print);
  if (found.kind === "missing") {
    print(`${found.message}\n`);
    return 2;
  }
  const stop = new Stop();
  stopOnSignals(stop, "The CI job was stopped");
  return await runJob({
    host: found.host,
    env,
    stop,
    graceMs: seconds(env, "TERRANE_STOP_GRACE_SECONDS", GRACE_SECONDS) * 1_000,
    indexDigest: process.env["TERRANE_INDEX_SHA256"],
    engineSites: ENGINE_SITES,
    contactLostMs: seconds(env, "TERRANE_CONTACT_LOST_SECONDS", CONTACT_LOST_SECONDS) * 1_000,
  });
}

async function code(): Promise<number> {
  try {
    return await main();
  } catch (error) {
    print(`The runner failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

// Log pieces that a dead server never took must not keep the CI job alive.
process.exit(await code());
