import { createHash } from "node:crypto";

/** The id that the given database makes from a name. */
export function uuid(from: string): string {
  const hex = createHash("md5").update(from).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join("-");
}
