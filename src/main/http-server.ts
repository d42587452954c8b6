import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { unready } from "../http/app.ts";

type Answer = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export interface HttpServer {
  readonly port: number;
  /** From now on requests are answered; before, everybody is asked to come again. */
  serve(answer: Answer): void;
  /** Answers what is under way, for at most 5 s, and takes nothing new. */
  stop(): Promise<void>;
}

const STOP_MS_MAX = 5_000;
const IDLE_LOOK_MS = 50;
/** Longer than a load balancer keeps a quiet connection, so that it is never we who close first. */
const KEEP_ALIVE_MS = 75_000;

/** Listens before there is anything to say: the port is known, and taken, before anything else is started. */
export async function listen(host: string, port: number): Promise<HttpServer> {
  let answer: Answer = unready;
  const server = createAdaptorServer({
    fetch: (request, env) => answer(request, env as HttpBindings),
    overrideGlobalObjects: false,
  }) as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  let stopped: Promise<void> | undefined;
  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A connection that is kept alive becomes idle with its answer; nobody would close it then.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
    const timer = setTimeout(() => server.closeAllConnections(), STOP_MS_MAX);
    await closed;
    clearInterval(idle);
    clearTimeout(timer);
  }
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      answer = next;
    },
    stop() {
      stopped ??= close();
      return stopped;
    },
  };
}
