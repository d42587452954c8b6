import type { Location } from "./document.ts";
import type { Json } from "./json.ts";
import type { Path } from "./places.ts";
import type { SourceName } from "./source.ts";

/** Where a value was written. Lines and columns count from 1. */
export interface Origin {
  readonly source: SourceName;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Written {
  readonly origin: Origin;
  /** Of the key in front of it; the value's own in a list. */
  readonly keyOrigin: Origin;
}

/** A value in which every part remembers where it was written, also after files were merged. */
export type Traced = TracedScalar | TracedList | TracedMap;

export interface TracedScalar extends Written {
  readonly kind: "scalar";
  readonly value: null | boolean | number | string;
}

export interface TracedList extends Written {
  readonly kind: "list";
  readonly items: readonly Traced[];
}

export interface TracedMap extends Written {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Traced>;
}

export interface TracedFile {
  readonly source: SourceName;
  readonly file: string;
  readonly locate: (path: Path) => Location;
}

/** Looks up the place of every part of a file's value. */
export function trace(value: Json, from: TracedFile, path: Path = []): Traced {
  const { source, file } = from;
  const at = from.locate(path);
  const written = { origin: { source, file, ...at.value }, keyOrigin: { source, file, ...at.key } };
  if (value === null || typeof value !== "object") return { kind: "scalar", value, ...written };
  if (isList(value)) {
    const items = value.map((item, index) => trace(item, from, [...path, index]));
    return { kind: "list", items, ...written };
  }
  const entries = new Map<string, Traced>();
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) entries.set(key, trace(inner, from, [...path, key]));
  }
  return { kind: "map", entries, ...written };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value alone. */
export function plain(traced: Traced): Json {
  switch (traced.kind) {
    case "scalar":
      return traced.value;
    case "list":
      return traced.items.map(plain);
    case "map":
      // Defines keys instead of assigning them, so no key can reach a prototype.
      return Object.fromEntries([...traced.entries].map(([key, inner]) => [key, plain(inner)]));
  }
}
