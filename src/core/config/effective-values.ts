import { DEFAULTS } from "./defaults.ts";
import type { Json } from "./json.ts";
import type { DefaultOrigin, Origins } from "./origins.ts";
import { formatPath, type Path, valueAt } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import type { Origin } from "./traced.ts";

/** One value of an effective configuration, and who says so. */
export interface EffectiveValue {
  /** As findings name it: `workflows[0].lock_policy`. */
  readonly name: string;
  readonly value: Json;
  readonly origin: Origin | DefaultOrigin;
}

/**
 * Every value that counts, by its name: what was written, as it stands in the files, and the
 * defaults of the rest. A list of plain values is one value.
 */
export function effectiveValues(effective: {
  readonly raw: RawConfig;
  readonly origins: Origins;
}): readonly EffectiveValue[] {
  const root = effective.raw as Json;
  const values: EffectiveValue[] = [];
  const add = (path: Path, value: Json) => {
    values.push({ name: formatPath(path), value, origin: effective.origins.of(path) });
  };
  collect(root, [], add);
  for (const [path, value] of DEFAULTS) if (isOpen(root, path)) add(path, value);
  return values.sort((a, b) => compareNames(a.name, b.name));
}

function collect(value: Json, path: Path, add: (path: Path, value: Json) => void): void {
  // Whoever writes `null` asks for the default, and aliases make no difference to it.
  if (value === null || value === undefined || path[0] === "definitions") return;
  if (isLeaf(value)) {
    if (path.length > 0) add(path, value);
    return;
  }
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, inner] of entries) collect(inner as Json, [...path, key], add);
}

function isLeaf(value: Json): boolean {
  if (value === null || typeof value !== "object") return true;
  const inner: readonly Json[] = Object.values(value);
  if (inner.length === 0) return true;
  return Array.isArray(value) && inner.every((one) => one === null || typeof one !== "object");
}

/** Nobody wrote it, nor anything that stands in its place. */
function isOpen(root: Json, path: Path): boolean {
  for (let length = 1; length <= path.length; length++) {
    const value = valueAt(root, path.slice(0, length));
    if (value === undefined || value === null) return true;
    if (typeof value !== "object" || Array.isArray(value)) return false;
  }
  return false;
}

/** `steps[10]` comes after `steps[9]`. */
function compareNames(a: string, b: string): number {
  return comparable(a) < comparable(b) ? -1 : 1;
}

function comparable(name: string): string {
  return name.replaceAll(/\d+/g, (digits) => digits.padStart(6, "0"));
}
