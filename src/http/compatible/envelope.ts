import { Problem } from "../errors.ts";

/** Of the decoded plan, whatever it is wrapped in. */
export const PLAN_DATA_BYTES_MAX = 72 * 1024 * 1024;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * What a job wants kept of its plan: `{"method": "terrateam", "version": 1, …}` with the plan itself,
 * `{"method": "cmd", "version": 1, …}` with how to fetch it, or the bytes of a plan from older versions. It is kept and
 * given back as it came; only an envelope of another version is refused, because its apply could not read it.
 */
export function planData(base64: string): Uint8Array {
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) throw bad("it is not base64");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength === 0) throw bad("it is empty");
  if (bytes.byteLength > PLAN_DATA_BYTES_MAX) {
    throw new Problem(413, "TOO_LARGE", `The plan is larger than ${PLAN_DATA_BYTES_MAX} bytes.`);
  }
  const wrong = envelopeFault(bytes);
  if (wrong !== undefined) throw bad(wrong);
  return bytes;
}

const BRACE = 0x7b;

function envelopeFault(bytes: Buffer): string | undefined {
  if (bytes[0] !== BRACE) return undefined;
  let envelope: unknown;
  try {
    envelope = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof envelope !== "object" || envelope === null || !("method" in envelope))
    return undefined;
  const { method, version, data, fetch } = envelope as Readonly<Record<string, unknown>>;
  if (version !== 1) return "its envelope has another version than 1";
  switch (method) {
    case "terrateam":
      return typeof data === "string" && data !== "" ? undefined : "its envelope holds no plan";
    case "cmd":
      return Array.isArray(fetch) && fetch.every((part) => typeof part === "string")
        ? undefined
        : "its envelope does not say how to fetch the plan";
    default:
      return "its envelope names a method that is not `terrateam` or `cmd`";
  }
}

function bad(because: string): Problem {
  return new Problem(400, "BAD_PLAN", `The plan cannot be stored: ${because}.`);
}
