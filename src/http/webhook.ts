import { Hono } from "hono";
import type { Engine } from "../engine/engine.ts";
import type { Adapters } from "../ports/adapters.ts";
import type { WebhookReceiver } from "../ports/vcs.ts";
import { readBytes } from "./body.ts";
import { busy, notFound, Problem } from "./errors.ts";

/** The largest delivery that a VCS sends is 25 MB. */
const DELIVERY_BYTES_MAX = 26 * 1024 * 1024;

/** Nearly all deliveries are smaller. */
const LARGE_BYTES = 1024 * 1024;
/** Anybody may begin to send one, and each is held in memory whole before its signature can be looked at (T18). */
const LARGE_AT_ONCE = 8;

export interface WebhookOptions {
  /** By the name in the path. */
  readonly receivers: Adapters<WebhookReceiver>;
  readonly engine: Pick<Engine, "deliver">;
}

/** Where VCSs tell what happened. S20: a 2xx leaves only after the delivery is committed. */
export function webhookRoutes({ receivers, engine }: WebhookOptions): Hono {
  let large = 0;

  async function read(request: Request): Promise<Uint8Array> {
    const announced = request.headers.get("content-length");
    if (announced !== null && Number(announced) <= LARGE_BYTES) {
      return await readBytes(request, LARGE_BYTES);
    }
    if (large >= LARGE_AT_ONCE) throw busy("Other large deliveries are being read.");
    large += 1;
    try {
      return await readBytes(request, DELIVERY_BYTES_MAX);
    } finally {
      large -= 1;
    }
  }

  return new Hono().post("/:vcs", async (context) => {
    const receiver = await receivers.get(context.req.param("vcs"));
    if (receiver === undefined) throw notFound("webhook");
    const body = await read(context.req.raw);
    const received = await receiver.receive({ headers: context.req.header(), body });
    if (received.kind === "rejected") {
      throw new Problem(received.status, "DELIVERY_REJECTED", received.because);
    }
    const as = await engine.deliver(receiver.kind, received);
    return context.json({ ok: true, as }, received.kind === "ignored" ? 202 : 200);
  });
}
