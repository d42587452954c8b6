import type { FetchJwks } from "./key-cache.ts";

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
    return JSON.parse(await readLimited(url, response)) as unknown;
  };
}

async function readLimited(url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return "";
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > BYTES_MAX) throw new Error(`${url} answered with more than ${BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
