import type { Env } from "../../process.ts";
import { parseVersion } from "../version/version.ts";
import { downloadText } from "./download.ts";
import type { ReleaseSite } from "./site.ts";

const VERSIONS_MAX = 5_000;

/** The versions that a site says it has; none where it does not say. */
export async function listVersions({ list }: ReleaseSite, env: Env): Promise<readonly string[]> {
  if (list === undefined) return [];
  const got = await downloadText(list, env);
  return got.kind === "ok" ? versionsIn(got.bytes.toString("utf8")) : [];
}

/** The forms that the sites have: an object or a list under `versions`, or a list of releases. */
export function versionsIn(json: string): readonly string[] {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return [];
  }
  const holder =
    typeof document === "object" && document !== null && "versions" in document
      ? document.versions
      : document;
  const named = Array.isArray(holder)
    ? holder.map(nameOf)
    : Object.keys(typeof holder === "object" && holder !== null ? holder : {});
  return named.flatMap((name) => parseVersion(name)?.text ?? []).slice(0, VERSIONS_MAX);
}

function nameOf(entry: unknown): string {
  if (typeof entry === "string") return entry;
  if (typeof entry !== "object" || entry === null) return "";
  if ("id" in entry && typeof entry.id === "string") return entry.id;
  if ("tag_name" in entry && typeof entry.tag_name === "string") return entry.tag_name;
  return "";
}
