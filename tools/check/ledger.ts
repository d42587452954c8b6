import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { treeFiles } from "../files.ts";
import type { StepResult } from "./run-step.ts";

type Passed = Extract<StepResult, { readonly state: "passed" }>;

const FILE = join(".cache", "check", "passed.json");

/** A hash of every file of the tree and of the Node that runs it: what a passed step is true of. */
export function fingerprint(root: string): string {
  const hash = createHash("sha256").update(`${process.version}\n`);
  for (const path of treeFiles(root)) {
    const content = createHash("sha256").update(readFileSync(join(root, path)));
    hash.update(`${path}\0${content.digest("hex")}\n`);
  }
  return hash.digest("hex");
}

/** The steps that passed on exactly this tree. */
export function readLedger(tree: string): Map<string, Passed> {
  if (!existsSync(FILE)) return new Map();
  const ledger = JSON.parse(readFileSync(FILE, "utf8")) as {
    readonly tree: string;
    readonly passed: Readonly<Record<string, Passed>>;
  };
  return new Map(ledger.tree === tree ? Object.entries(ledger.passed) : []);
}

export function writeLedger(tree: string, passed: ReadonlyMap<string, Passed>): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify({ tree, passed: Object.fromEntries(passed) }));
}
