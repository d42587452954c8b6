import { createHash, createHmac, randomBytes, randomUUID } from "node:crypto";
import type { EventId } from "../../src/core/ids.ts";
import type { JobCap } from "../../src/core/schedule/caps.ts";
import { createCentralHeads } from "../../src/engine/central-heads.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { createLanes } from "../../src/engine/lanes.ts";
import { createLooks } from "../../src/engine/looks.ts";
import { ENGINE_LIMITS, GRANTS_SHARE_MS } from "../../src/engine/ports.ts";
import type { Ci } from "../../src/ports/ci.ts";
import type { Vcs } from "../../src/ports/vcs.ts";
import { reportStore } from "../../src/store/engine/reported.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import type { Database } from "../../src/store/pool.ts";
import { runnerStore } from "../../src/store/runner/store.ts";
import { quiet } from "../../test/support/quiet.ts";

const NO_CAP: JobCap = { max: 1_000_000, of: new Map() };
const NO_CAPS = { installation: NO_CAP, repository: NO_CAP, environment: NO_CAP };

/** The real engine on the real store. */
export function benchEngine(
  database: Database,
  adapters: { readonly vcs: Vcs; readonly ci: Ci } | undefined,
): Engine {
  const master = randomBytes(32);
  return createEngine({
    store: {
      ...engineStore(database, () => randomUUID() as EventId),
      ...reportStore(database, NO_CAPS),
    },
    runners: runnerStore(database),
    vcs: new Map(adapters === undefined ? [] : [[adapters.vcs.kind, adapters.vcs]]),
    ci: new Map(adapters === undefined ? [] : [[adapters.vcs.kind, adapters.ci]]),
    centralHeads: createCentralHeads(() => performance.now()),
    lanes: createLanes(() => performance.now()),
    looks: createLooks(() => performance.now(), GRANTS_SHARE_MS),
    random: { uuid: () => randomUUID(), bytes: (length) => randomBytes(length) },
    secrets: {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      deriveKey: (purpose) => createHmac("sha256", master).update(purpose).digest(),
    },
    log: quiet,
    serverUrl: () => "http://127.0.0.1:1",
    existingRunners: new Map(),
    // Its jobs never end.
    commentWords: [],
    limits: { ...ENGINE_LIMITS, jobs: NO_CAPS },
  });
}
