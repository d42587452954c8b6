import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Prng } from "../../../src/base/prng.ts";

/** A line between two parties that can be cut; it forwards bytes to one of the ports that `targets` names. */
export interface Wire {
  readonly port: number;
  /** Resets a part of the connections, as a failing switch does. Gives how many there were. */
  cut(share: number): number;
  close(): Promise<void>;
}

export async function layWire(random: Prng, targets: () => readonly number[]): Promise<Wire> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const ports = targets();
    if (ports.length === 0) {
      near.destroy();
      return;
    }
    const far = connect({ port: random.pick(ports), host: "127.0.0.1", noDelay: true });
    near.setNoDelay(true);
    open.add(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        open.delete(near);
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut(share) {
      const cut = [...open].filter(() => random.chance(share));
      for (const socket of cut) socket.resetAndDestroy();
      return cut.length;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
