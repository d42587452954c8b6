import type { EventId } from "../../../src/core/ids.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import type { EnginePorts } from "../../../src/engine/ports.ts";
import type { Database } from "../../../src/store/pool.ts";
import type { EngineLab } from "../engine-lab.ts";
import type { Level, Subject } from "./stage.ts";

/** What one actor does: one method of the stores, or one event decided. */
export interface TransactionType {
  readonly name: string;
  /** How far its pull request has to be. */
  readonly level: Level;
  /** What waits to be done when the two begin. */
  readonly prepare?: (lab: EngineLab, subject: Subject) => Promise<void>;
  /** `ids` differ between the two actors; what is given back is compared with the serial orders. */
  readonly act: (
    ports: EnginePorts,
    subject: Subject,
    ids: () => EventId,
    database: Database,
  ) => Promise<unknown>;
  /** What the next tick does once both are over: who leaves out rows that are held comes back for them. */
  readonly again?: (ports: EnginePorts) => Promise<unknown>;
}

/** Decides the oldest waiting event, with a statement of what was decided. */
export async function decide(ports: EnginePorts, { id }: Subject): Promise<unknown> {
  const advanced = await createEngine(ports).advance(id);
  if (advanced.kind === "set_aside") throw advanced.error;
  if (advanced.kind !== "decided") return advanced.kind;
  return advanced.decision.reasons.map((reason) => reason.code);
}
