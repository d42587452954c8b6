import { randomUUID } from "node:crypto";
import type { PullRequestId } from "../core/ids.ts";
import type { FleetStore } from "../ports/fleet-store.ts";
import type { Log } from "../ports/log.ts";
import { VERSION } from "./version.ts";

export interface Fleet {
  /** Says that this server lives, and what it works on. */
  beat(): Promise<void>;
  /** Says that this server takes nothing new. */
  drain(): Promise<void>;
  /** Says that it is gone: what it worked on is for the others at once. */
  leave(): Promise<void>;
  readonly retired: Promise<string>;
}

/** This process among the servers of its database. Its name is new with every start. */
export function joinFleet({
  store,
  log,
  advancing,
}: {
  readonly store: FleetStore;
  readonly log: Log;
  readonly advancing: () => readonly PullRequestId[];
}): Fleet {
  const id = randomUUID();
  let retire: (message: string) => void = () => undefined;
  const retired = new Promise<string>((resolve) => {
    retire = resolve;
  });
  return {
    retired,
    async beat() {
      const beaten = await store.beat({
        id,
        version: VERSION,
        draining: false,
        advancing: advancing(),
      });
      if (beaten.kind === "welcome") return;
      log.error({}, beaten.message);
      retire(beaten.message);
    },
    async drain() {
      await store.beat({ id, version: VERSION, draining: true, advancing: advancing() });
    },
    leave: () => store.leave(id),
  };
}
