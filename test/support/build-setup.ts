import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/** A folder for what the test files of one run build and share. It lies inside the repository, where packages are found. */
export default function setup(project: TestProject): () => void {
  const cache = join(import.meta.dirname, "..", "..", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "built-"));
  project.provide("buildFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
