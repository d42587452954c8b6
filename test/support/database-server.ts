import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../src/store/embedded/start.ts";
import { quiet } from "./quiet.ts";

export interface ThrowawayServer {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

const PREFIX = "terrane-test-";

/**
 * The PostgreSQL of TEST_DATABASE_URL (a superuser's), or an embedded one without fsync in a
 * temporary directory. It ends with this process however that ends.
 */
export async function startThrowawayServer(): Promise<ThrowawayServer> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") {
    return { adminUrl: given, stop: () => Promise.resolve() };
  }
  sweep();
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  const server = await startEmbedded({ dataDir, log: quiet, throwaway: true });
  return {
    adminUrl: server.url,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Removes what runs left behind that were killed together with the guard of their database. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dataDir = join(tmpdir(), name);
    try {
      const owner: { pid?: number } = JSON.parse(readFileSync(join(dataDir, "owner.json"), "utf8"));
      if (owner.pid === undefined || isAlive(owner.pid)) continue;
      rmSync(dataDir, { recursive: true, force: true });
    } catch {
      // Just being created, or another user's: not ours to judge.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
