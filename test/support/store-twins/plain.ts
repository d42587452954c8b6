/** What a port gave back, as JSON can say it: the same text for the same meaning. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain).sort(byText);
  if (value instanceof Set) return [...value].map(plain);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => typeof member !== "function");
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
}

export function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
