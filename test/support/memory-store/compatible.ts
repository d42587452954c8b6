import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { hex, sessionOf } from "./sessions.ts";

type CompatibleStore = Pick<RunnerStore, "compatibleAttempt" | "handOut">;

export function compatibleStore(db: MemoryDatabase): CompatibleStore {
  const { attempts } = db.tables;
  return {
    compatibleAttempt: (workTokenHash) =>
      db.transaction(() => {
        const wanted = hex(workTokenHash);
        for (const row of attempts.values()) {
          if (row.workTokenHash !== wanted) continue;
          return {
            session: sessionOf(db, row),
            allowed: true,
            closed: row.endedAt !== undefined,
            ciRun: row.ciRun,
            claimedCiRun: row.claimedCiRun,
            inUse: row.lastSeenAt !== undefined,
            manifest: row.manifest,
          };
        }
        return undefined;
      }),
    handOut: (attempt, manifest, credentialHash) =>
      db.transaction(() => {
        const again =
          credentialHash === undefined
            ? {}
            : { lastSeenAt: undefined, credentialHash: hex(credentialHash) };
        attempts.update(attempt, (row) => ({ ...row, manifest, ...again }));
      }),
  };
}
