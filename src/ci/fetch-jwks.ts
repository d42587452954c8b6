import type { FetchJwks } from "./key-cache.ts";
import { readLimited } from "./read-limited.ts";

const TIMEOUT_MS = 5_000;
const BYTES_MAX = 262_144;

/** Reads published keys over HTTP. The address is the operator's; a redirect elsewhere is refused. */
export function httpJwks(url: string): FetchJwks {
  return async () => {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return JSON.parse(await readLimited(url, response, BYTES_MAX)) as unknown;
  };
}
