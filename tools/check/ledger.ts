import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { treeFiles } from "../files.ts";
import type { StepResult } from "./run-step.ts";

/** What a step said about one state of the tree. */
export type Known = Exclude<StepResult, { readonly state: "left_out" }>;

const FILE = join(".cache", "check", "known.json");

/** A hash of every file of the tree and of the Node that runs it: what a result is true of. */
export function fingerprint(root: string): string {
  const hash = createHash("sha256").update(`${process.version}\n`);
  for (const path of treeFiles(root)) {
    const content = createHash("sha256").update(readFileSync(join(root, path)));
    hash.update(`${path}\0${content.digest("hex")}\n`);
  }
  return hash.digest("hex");
}

/** What the steps said about exactly this tree. */
export function readLedger(tree: string): Map<string, Known> {
  if (!existsSync(FILE)) return new Map();
  const ledger = JSON.parse(readFileSync(FILE, "utf8")) as {
    readonly tree: string;
    readonly known: Readonly<Record<string, Known>>;
  };
  return new Map(ledger.tree === tree ? Object.entries(ledger.known) : []);
}

export function writeLedger(tree: string, known: ReadonlyMap<string, Known>): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify({ tree, known: Object.fromEntries(known) }));
}
