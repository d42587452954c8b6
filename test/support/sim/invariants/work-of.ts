import type { DirspaceKey } from "../../../../src/core/change/dirspace.ts";
import type { RunId } from "../../../../src/core/ids.ts";
import { workKey } from "../../memory-store/constraints.ts";
import type { DirspaceRow, WorkRow } from "../../memory-store/rows.ts";
import { REPOSITORY } from "../vcs/forge.ts";
import type { World } from "../world.ts";

export function dirspaceOf({ memory }: World, key: DirspaceKey): DirspaceRow | undefined {
  const { dirspaceByKey, repositoryByName } = memory.tables;
  const { installation, id } = REPOSITORY;
  const repository = repositoryByName.one(`sim|${installation}|${id}`);
  return dirspaceByKey.one(`${repository?.id}|${key}`);
}

/** The row of what a run does to a dirspace. */
export function workOf(
  world: World,
  { runId, dirspace }: { readonly runId: RunId; readonly dirspace: DirspaceKey },
): WorkRow | undefined {
  const id = dirspaceOf(world, dirspace)?.id;
  return id === undefined ? undefined : world.memory.tables.works.get(workKey(runId, id));
}
