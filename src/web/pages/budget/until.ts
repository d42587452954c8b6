import { duration } from "../../parts/time.ts";

/** Both are times of the server: the clock of this browser may be another one. In whole seconds. */
export function until(at: string, readAt: string): string {
  const seconds = Math.ceil((Date.parse(at) - Date.parse(readAt)) / 1_000);
  return seconds < 10 ? `${Math.max(0, seconds)} s` : duration(seconds * 1_000);
}
