import { codeTokenId, type RunnerStore } from "../../../src/ports/runner-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { hex } from "./sessions.ts";

export function codeStore(db: MemoryDatabase): Pick<RunnerStore, "code"> {
  const { attempts, usedTokens } = db.tables;
  return {
    code: (codeHash) =>
      db.transaction(() => {
        const wanted = hex(codeHash);
        for (const { id, ciRun, codeHash: own, codeExpiresAt } of attempts.values()) {
          if (own !== wanted || codeExpiresAt === undefined) continue;
          return {
            attempt: id,
            ciRun,
            expired: codeExpiresAt <= db.now,
            expiresAtMs: codeExpiresAt,
            used: usedTokens.get(codeTokenId(codeHash)) !== undefined,
          };
        }
        return undefined;
      }),
  };
}
