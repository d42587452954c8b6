/** An object of the parser's JSON, whose keys come from the file and may be any. */
export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property of its own: a file may use any name, also those that every object has. */
export function property(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A block or a list of blocks, as both parsers write them. */
export function blocks(value: unknown): readonly JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

/** The blocks of one type that carry a label, whatever it is. */
export function labelled(value: unknown): readonly JsonObject[] {
  return blocks(value).flatMap((byLabel) => Object.values(byLabel).flatMap(blocks));
}

/** Calls `note` with every string in the value, keys included; without recursion. */
export function eachString(value: unknown, note: (text: string) => void): void {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "string") note(next);
    else if (Array.isArray(next)) for (const one of next) open.push(one);
    else if (isObject(next)) {
      for (const [key, one] of Object.entries(next)) {
        open.push(one);
        note(key);
      }
    }
  }
}
