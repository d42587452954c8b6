import { join } from "node:path";
import { type Discovered, discover } from "../../core/starter/discover.ts";
import { filesToRead, type StarterLimits } from "../../core/starter/files-to-read.ts";
import type { Machine } from "../host.ts";
import { type Checkout, filesOf } from "../workbench/checkout.ts";

/** A disk answers faster than a forge, so more is read; beyond it nobody looks at what is printed. */
const LIMITS: StarterLimits = {
  filesMax: 20_000,
  fileCharsMax: 262_144,
  charsMax: 134_217_728,
};

/** What the working tree of a checkout holds, also what is new in it. */
export async function discoverCheckout(
  machine: Machine,
  checkout: Checkout,
  limits = LIMITS,
): Promise<Discovered> {
  const paths = await filesOf(checkout, undefined);
  const texts = new Map<string, string>();
  let room = limits.charsMax;
  for (const path of filesToRead(paths, limits).read) {
    if (room <= 0) break;
    const file = await machine.readFile(join(checkout.root, path), limits.fileCharsMax);
    if (file.kind !== "ok") continue;
    room -= file.text.length;
    texts.set(path, file.text);
  }
  return discover(paths, texts);
}
