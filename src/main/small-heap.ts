import { setFlagsFromString } from "node:v8";

/** Flags of the engine differ from one version of Node to the next; these were tried with this one. */
const TRIED = "20.";
/**
 * The young generation stays as small as it begins, and the old one is collected when it has doubled: left alone, both
 * grow with what many tools print at the same time, nearly all of which is garbage by then.
 */
const FLAGS = ["--semi-space-growth-factor=1", "--heap-growing-percent=100"];

/** A job shares its machine with the tools that it starts, and they need the memory. */
export function keepHeapSmall(): void {
  if (!process.versions.node.startsWith(TRIED)) return;
  for (const flag of FLAGS) setFlagsFromString(flag);
}
