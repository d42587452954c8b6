import { nearest } from "../../base/nearest.ts";
import { dirname } from "./directories.ts";

const SIMILAR_MAX = 3;
/** Comparing letter by letter is for a handful of names. */
const COMPARED_MAX = 5_000;

/** What somebody may have meant who named a path that is not there. */
export function similarPaths(path: string, known: readonly string[]): readonly string[] {
  const name = lastName(path);
  const sameName = known.filter((one) => lastName(one) === name);
  if (sameName.length > 0) return sameName.slice(0, SIMILAR_MAX);
  const beside = known.filter((one) => dirname(one) === dirname(path)).slice(0, COMPARED_MAX);
  const found = nearest(name, beside.map(lastName));
  return beside.filter((one) => lastName(one) === found).slice(0, SIMILAR_MAX);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
