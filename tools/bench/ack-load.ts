import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import * as z from "zod";
import { percentile } from "./statistics.ts";

const inputSchema = z.object({
  url: z.string(),
  secret: z.string(),
  connections: z.number(),
  seconds: z.number(),
  pullRequests: z.number(),
  repositories: z.number(),
});

export type LoadInput = z.infer<typeof inputSchema>;

export const loadOutput = z.object({
  acked: z.number(),
  refused: z.number(),
  perSecond: z.number(),
  payloadBytes: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

/** A sender in a process of its own: every connection sends the next delivery when the last one was answered. */
export async function ackLoad(given: unknown): Promise<z.infer<typeof loadOutput>> {
  const input = inputSchema.parse(given);
  const deliveries = makeDeliveries(input, await exampleDelivery());
  const agent = new Agent({ keepAlive: true, maxSockets: input.connections });
  const latencies: number[] = [];
  let refused = 0;
  let sent = 0;
  const began = performance.now();
  const until = began + input.seconds * 1_000;
  const connection = async (): Promise<void> => {
    while (performance.now() < until) {
      const delivery = deliveries[sent % deliveries.length];
      sent += 1;
      if (delivery === undefined) return;
      const start = performance.now();
      const status = await send(input.url, agent, delivery);
      if (status === 200) latencies.push(performance.now() - start);
      else refused += 1;
    }
  };
  await Promise.all(Array.from({ length: input.connections }, connection));
  const seconds = (performance.now() - began) / 1_000;
  agent.destroy();
  return {
    acked: latencies.length,
    refused,
    perSecond: latencies.length / seconds,
    payloadBytes: deliveries[0]?.body.length ?? 0,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
    maxMs: percentile(latencies, 100),
  };
}

interface Delivery {
  readonly body: Buffer;
  readonly signature: string;
}

function makeDeliveries(
  { secret, pullRequests, repositories }: LoadInput,
  example: Example,
): readonly Delivery[] {
  return Array.from({ length: pullRequests * repositories }, (_, index) => {
    const number = 1 + (index % pullRequests);
    const repository = Math.floor(index / pullRequests);
    const payload = {
      ...example,
      number,
      pull_request: { ...example.pull_request, number },
      repository: { ...example.repository, id: example.repository.id + repository },
      installation: { ...example.installation, id: example.installation.id + repository },
    };
    const body = Buffer.from(JSON.stringify(payload));
    return { body, signature: `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
  });
}

const numbered = z.looseObject({ id: z.number() });
const exampleSchema = z.looseObject({
  action: z.literal("synchronize"),
  pull_request: z.looseObject({}),
  repository: numbered,
  installation: numbered,
});

type Example = z.infer<typeof exampleSchema>;

/** A recorded delivery of a push to a pull request, as a whole. */
async function exampleDelivery(): Promise<Example> {
  // Here and not above: megabytes that other roles would count as their own.
  const { default: recorded } = await import("@octokit/webhooks-examples", {
    with: { type: "json" },
  });
  const events = z.array(z.object({ name: z.string(), examples: z.array(z.unknown()) }));
  const pulls = events.parse(recorded).find(({ name }) => name === "pull_request");
  for (const example of pulls?.examples ?? []) {
    const parsed = exampleSchema.safeParse(example);
    if (parsed.success) return parsed.data;
  }
  throw new Error("there is no recorded delivery of a push to a pull request");
}

function send(url: string, agent: Agent, { body, signature }: Delivery): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": body.length,
      "x-github-event": "pull_request",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": signature,
    };
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
