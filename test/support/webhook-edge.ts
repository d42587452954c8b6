import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Received, WebhookReceiver } from "../../src/ports/vcs.ts";

export interface WebhookEdge {
  readonly url: string;
  close(): void;
}

/** The edge in miniature: raw bytes in, the receiver's verdict as status out, once `onVerdict` is done with it. */
export async function webhookEdge(
  receiver: WebhookReceiver,
  onVerdict: (verdict: Received) => unknown,
): Promise<WebhookEdge> {
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
      const verdict = await receiver.receive({ headers, body });
      await onVerdict(verdict);
      response.writeHead(verdict.kind === "rejected" ? verdict.status : 202).end(verdict.kind);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
