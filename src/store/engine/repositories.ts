import type { RepositoryId } from "../../core/ids.ts";
import type { RepositoryStore } from "../../ports/repository-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction } from "../transaction.ts";
import { upsertRepository } from "./intake.ts";

export function repositoryStore(database: Database): RepositoryStore {
  return {
    keepRepository: (vcs, repository, defaultBranch) =>
      inTransaction(
        database,
        async (tx) =>
          (await upsertRepository(tx, { vcs, repository, defaultBranch })) as RepositoryId,
      ),
  };
}
