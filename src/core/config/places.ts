import type { Json } from "./json.ts";

export type Path = readonly (string | number)[];

/** Where an entry of a mapping or list stands, as offsets into the text. */
export interface Place {
  /** Of its key; of the entry itself in a list. */
  readonly keyOffset: number;
  readonly offset: number;
  /** A scalar as it was written: `1.10` is the number 1.1 afterwards. */
  readonly source?: string;
}

export interface ContainerPlaces {
  readonly offset: number;
  readonly entries: ReadonlyMap<string, Place>;
}

/** Remembers where the parts of a document came from; each mapping and list is its own key. */
export class Places {
  readonly #containers = new Map<unknown, ContainerPlaces>();

  set(container: Json, places: ContainerPlaces): void {
    this.#containers.set(container, places);
  }

  get(container: Json): ContainerPlaces | undefined {
    return this.#containers.get(container);
  }

  /** Where the value at `path` stands, or what holds it where there is none. */
  find(root: Json, path: Path): Place {
    let value: Json | undefined = root;
    const start = this.#containers.get(root)?.offset ?? 0;
    let found: Place = { keyOffset: start, offset: start };
    for (const key of path) {
      const place = value === undefined ? undefined : this.#containers.get(value);
      const entry = place?.entries.get(String(key));
      if (entry === undefined) return found;
      found = entry;
      value = valueAt(value, [key]);
    }
    return found;
  }
}

export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined;
  }
  return value;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `workflows[0].plan[1].cmd`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!IDENTIFIER.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}
