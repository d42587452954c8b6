import type { Host } from "../cli/host.ts";
import { nodeMachine } from "../cli/node-machine.ts";
import { runCli } from "../cli/program.ts";
import { SETUP } from "./setup/offer.ts";
import { VERSION } from "./version.ts";

const { env, stdin, stdout, stderr } = process;

// Whoever reads may have seen enough, as `head` has: that is no error of ours.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

/** The question goes to standard error, because standard output is for what was asked for. */
async function ask(question: string): Promise<string | undefined> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const ended = new Promise<undefined>((done) => lines.once("close", () => done(undefined)));
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}

const host: Host = {
  env,
  out: (text) => stdout.write(`${text}\n`),
  err: (text) => stderr.write(`${text}\n`),
  colour: stdout.isTTY === true && env["NO_COLOR"] === undefined,
  machine: nodeMachine(process.cwd(), env, stdin),
  async startServer(options) {
    // Loading the server takes half a second that no other command should wait for.
    const [{ startServer }, { ownEnvironment }, { startFailure }] = await Promise.all([
      import("./server.ts"),
      import("./own-environment.ts"),
      import("./start-failure.ts"),
    ]);
    try {
      const settings = options.ofItsOwn === true ? ownEnvironment(env) : env;
      return await startServer({ ...options, env: settings });
    } catch (error) {
      throw startFailure(error, options) ?? error;
    }
  },
  async replay(options) {
    const { replayStored } = await import("./replay.ts");
    return await replayStored(options);
  },
  setup: SETUP,
  async openLocal(place) {
    const { openLocal } = await import("./local-run.ts");
    return await openLocal(place, env);
  },
  async openBuilders(place) {
    const { localBuilders } = await import("./local-builders.ts");
    return localBuilders(place, env);
  },
  interactive: stdin.isTTY === true && stderr.isTTY === true,
  ask,
  untilStopped: () =>
    new Promise((resolve) => {
      process.once("SIGINT", () => resolve());
      process.once("SIGTERM", () => resolve());
    }),
};

try {
  process.exitCode = await runCli(host, VERSION, process.argv.slice(2));
} catch (error) {
  stderr.write(
    `terrane: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 70;
}
