import type { EventId } from "../core/ids.ts";
import type { EnginePorts } from "./ports.ts";

/** The id of an event that an effect leads to: from its key, so that telling it twice is telling it once. */
export function idFrom(key: string, { secrets }: Pick<EnginePorts, "secrets">): EventId {
  const hex = Buffer.from(secrets.sha256(Buffer.from(key))).toString("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join("-") as EventId;
}
