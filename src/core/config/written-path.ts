import type { Json } from "./json.ts";
import { type Path, valueAt } from "./places.ts";

/** How a list of checks would be called in the older form, which has one check and no list. */
const CHECKS = ["apply_requirements", "checks"];
/** What the older form of `drift` says about its only schedule. */
const DRIFT_KEYS: readonly (string | number | undefined)[] = ["schedule", "reconcile", "tag_query"];

/**
 * Where the value at a path of the normalised configuration stands in the file as written: deprecated
 * forms moved it. What the file only implies, such as the name of an engine, stands where it is implied.
 */
export function writtenPath(root: Json, path: Path): Path {
  if (valueAt(root, path) !== undefined) return path;
  switch (path[0]) {
    case "engine":
      return isAbsent(root, ["engine"]) ? ["default_tf_version"] : path;
    case "workflows":
      return engineOfWorkflow(root, path);
    case "apply_requirements":
      return onlyCheck(root, path);
    case "drift":
      return onlySchedule(root, path);
    default:
      return path;
  }
}

function engineOfWorkflow(root: Json, path: Path): Path {
  const workflow = path.slice(0, 2);
  if (path[2] !== "engine" || !isAbsent(root, [...workflow, "engine"])) return path;
  const version = [...workflow, "terraform_version"];
  const isVersion = path[3] === "version" || path[3] === "tf_version";
  if (isVersion && !isAbsent(root, version)) return version;
  for (const key of ["terragrunt", "cdktf"]) {
    if (valueAt(root, [...workflow, key]) === true) return [...workflow, key];
  }
  return version;
}

function onlyCheck(root: Json, path: Path): Path {
  const written = valueAt(root, CHECKS);
  const isOlder = written !== null && typeof written === "object" && !Array.isArray(written);
  if (!isOlder || path[1] !== "checks" || path[2] === undefined) return path;
  const rest = path.slice(3);
  const renamed = rest.map((key) => (key === "any_of_count" ? "count" : key));
  const inside = [...CHECKS, ...rest];
  return valueAt(root, inside) === undefined ? [...CHECKS, ...renamed] : inside;
}

function onlySchedule(root: Json, path: Path): Path {
  if (path[1] !== "schedules" || !isAbsent(root, ["drift", "schedules"])) return path;
  const key = path[3];
  return DRIFT_KEYS.includes(key) ? ["drift", ...path.slice(3)] : ["drift"];
}

/** `null` says as much as nothing does. */
function isAbsent(root: Json, path: Path): boolean {
  const value = valueAt(root, path);
  return value === undefined || value === null;
}
