import { Problem } from "./errors.ts";

const MINUTE_MS = 60_000;

/** Admits so many calls a minute, evenly, and refuses the others with 429. Starts with a minute's worth. */
export function createRate(perMinute: number, now: () => number): () => void {
  let level = perMinute;
  let at = now();
  return () => {
    const passed = Math.max(0, now() - at);
    at = now();
    level = Math.min(perMinute, level + (passed * perMinute) / MINUTE_MS);
    if (level < 1) {
      throw new Problem(429, "TOO_MANY_REQUESTS", "This is asked for too often.", {
        next: "Try again in a moment.",
        retryAfterSeconds: Math.max(1, Math.ceil((MINUTE_MS * (1 - level)) / perMinute / 1_000)),
      });
    }
    level -= 1;
  };
}
