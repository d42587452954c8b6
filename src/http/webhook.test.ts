import { expect, test } from "vitest";
import { Problem } from "./errors.ts";
import { webhookRoutes } from "./webhook.ts";

const MB = 1024 * 1024;

function lab() {
  const receiver = {
    kind: "fake",
    receive: async ({ body }: { readonly body: Uint8Array }) =>
      ({ kind: "ignored", deliveryId: String(body.byteLength), because: "a test" }) as never,
  };
  const app = webhookRoutes({
    receivers: { get: () => receiver },
    engine: { deliver: async () => "ignored" as never },
  });
  app.onError(
    (error) => new Response("", { status: error instanceof Problem ? error.status : 500 }),
  );
  return app;
}

/** One whose sender says nothing more until it is let. */
function slow(): { readonly request: Request; end(): void } {
  let end = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(10));
      end = () => controller.close();
    },
  });
  const init = { method: "POST", body, duplex: "half" } as RequestInit;
  return { request: new Request("http://server/fake", init), end };
}

function small(): Request {
  const headers = { "content-length": "10" };
  return new Request("http://server/fake", { method: "POST", headers, body: new Uint8Array(10) });
}

test("T18 large deliveries are read a few at a time, and small ones beside them", async () => {
  const app = lab();
  const held = Array.from({ length: 8 }, slow);
  const answers = held.map(async ({ request }) => await app.request(request));
  await new Promise(setImmediate);
  expect((await app.request(slow().request)).status).toBe(503);
  expect((await app.request(small())).status).toBe(202);
  for (const one of held) one.end();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(8).fill(202));
  const next = slow();
  next.end();
  expect((await app.request(next.request)).status).toBe(202);
});

test("a delivery that is larger than it says is cut off", async () => {
  const headers = { "content-length": "10" };
  const body = new Uint8Array(2 * MB);
  const request = new Request("http://server/fake", { method: "POST", headers, body });
  expect((await lab().request(request)).status).toBe(413);
});
