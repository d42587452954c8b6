import type { Prng } from "../../../src/base/prng.ts";
import { startPgBouncer } from "../pgbouncer.ts";
import { startPostgresPair } from "../postgres-pair.ts";
import type { FleetDatabase } from "./fleet.ts";
import { layWire } from "./wire.ts";

/** A primary with a streaming standby behind PgBouncer. */
export interface FailingOverDatabase extends FleetDatabase {
  /** The standby hears nothing from here on: what is committed now is lost with the primary. */
  cutStandby(): Promise<void>;
  /** The primary dies, and both addresses lead to the standby, which takes no writes yet. */
  losePrimary(): Promise<void>;
  /** The standby takes its place. */
  promote(): Promise<void>;
  log(): string;
}

export async function startFailingOverDatabase(options: {
  readonly random: Prng;
  readonly synchronous: boolean;
}): Promise<FailingOverDatabase> {
  const pair = await startPostgresPair(options.synchronous);
  let { port } = pair.primary;
  const wire = await layWire(options.random, () => [port]);
  const { account, root: dir, password } = pair;
  const database = new URL(pair.url(port)).pathname.slice(1);
  const pooler = await startPgBouncer({ account, dir, password, database, port }).catch(
    async (error: unknown) => {
      await wire.close();
      await pair.stop();
      throw error;
    },
  );
  return {
    url: pooler.url,
    directUrl: pair.url(wire.port),
    cutStandby: () => pair.cutStandby(),
    async losePrimary() {
      await pair.killPrimary();
      port = pair.standby.port;
      await pooler.pointTo(port);
    },
    promote: () => pair.promote(),
    log: () => pooler.log(),
    async close() {
      await pooler.stop();
      await wire.close();
      await pair.stop();
    },
  };
}
