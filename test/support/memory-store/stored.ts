const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * The value as PostgreSQL gives it back: NUL and halves of surrogate pairs come back as U+FFFD. The same object where
 * nothing of it changes, which is nearly always.
 */
export function stored<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return UNSTORABLE.test(value) ? cleanText(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(clean);
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const cleaned = clean(member);
    if (cleaned === member) continue;
    changed ??= { ...value };
    changed[key] = cleaned;
  }
  return changed ?? value;
}

function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
