import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const READY_MS = 60_000;

/** A real server process on a fixed port, so that runners find it again after it was killed. */
export class ChaosServer {
  readonly dataDir: string;
  readonly port: number;
  readonly url: string;
  log = "";
  #child: ChildProcess | undefined;

  constructor(dataDir: string, port: number) {
    this.dataDir = dataDir;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  token(): string {
    return readFileSync(join(this.dataDir, "token"), "utf8").trim();
  }

  async start(): Promise<void> {
    const args = ["dist/cli.js", "up", "--data-dir", this.dataDir, "--port", String(this.port)];
    const child = spawn(process.execPath, [...args, "--log-level", "warn"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.log = (this.log + text).slice(-200_000);
      });
    }
    const deadline = performance.now() + READY_MS;
    while (!(await this.#isReady())) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`the server did not start (${child.exitCode}): ${this.log.slice(-4_000)}`);
      }
      await sleep(100);
    }
  }

  /** SIGKILL and gone; what it had started goes on or not, as it happens. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
