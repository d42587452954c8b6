import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Prng } from "../../../src/base/prng.ts";
import { startEmbedded } from "../../../src/store/embedded/start.ts";
import { quiet } from "../quiet.ts";
import { scratchDir } from "../server-process.ts";
import type { FleetDatabase } from "./fleet.ts";
import { layWire, type Wire } from "./wire.ts";

/** One PostgreSQL that comes back after every crash, behind a line that can be cut. */
export interface CrashingDatabase extends FleetDatabase {
  readonly wire: Wire;
  /** An immediate stop of PostgreSQL, which then recovers from its log. */
  crash(): void;
}

export async function startCrashingDatabase(random: Prng): Promise<CrashingDatabase> {
  const scratch = scratchDir();
  chmodSync(scratch.path, 0o711);
  const postgres = await startEmbedded({ dataDir: join(scratch.path, "postgres"), log: quiet });
  const wire = await layWire(random, () => [Number(new URL(postgres.url).port)]);
  const through = new URL(postgres.url);
  through.port = String(wire.port);
  return {
    url: through.href,
    directUrl: postgres.url,
    wire,
    crash() {
      try {
        process.kill(postgres.pid(), "SIGQUIT");
      } catch {
        // It is just being started again.
      }
    },
    async close() {
      await wire.close();
      await postgres.stop();
      scratch.remove();
    },
  };
}
