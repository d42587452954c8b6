import type { ChangeSet } from "../../src/core/change/affected.ts";
import { modified, ok, run } from "./change.ts";

/** One entry of `stacks.names`, as it is written. */
export interface WrittenStack {
  readonly tag_query?: string;
  readonly stacks?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly rules?: {
    readonly plan_after?: readonly string[];
    readonly apply_after?: readonly string[];
    readonly modified_by?: readonly string[];
    readonly auto_apply?: boolean;
  };
}

export type WrittenStacks = Readonly<Record<string, WrittenStack>>;

export function runStacks(
  written: WrittenStacks,
  files: readonly string[],
  changed: readonly string[],
  yaml = "",
): ChangeSet {
  const config = `${yaml}\nstacks: ${JSON.stringify({ names: written })}`;
  return run(config, files, modified(changed));
}

/** The directories of each wave. */
export function wavesOf(set: ChangeSet): string[][] {
  const waves: string[][] = [];
  for (const { wave, dirspace } of ok(set)) {
    waves[wave] ??= [];
    waves[wave]?.push(dirspace.dir);
  }
  return waves;
}
