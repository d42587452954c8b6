import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderPlace, LocalBuilders } from "../cli/local/local-builders.ts";
import { BUILT_CONFIG_CHARS_MAX } from "../contract/work.ts";
import { buildTree, type TreeOptions } from "../runner/build/build-tree.ts";
import { runScript } from "../runner/build/run-script.ts";
import { jobEnvironment } from "../runner/environment.ts";
import type { HostEnv } from "../runner/host/host.ts";
import { environmentSecrets, Masker } from "../runner/mask.ts";
import { Stop } from "../runner/stop.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

const GRACE_MS = 10_000;

/** As in a CI job, with what this machine has in its environment. */
export function localBuilders({ root, log }: BuilderPlace, env: HostEnv): LocalBuilders {
  const masker = new Masker();
  masker.addAll(environmentSecrets(env, isFile));
  const own = { ...jobEnvironment(env, isFile), TERRANE_ROOT: root, TERRATEAM_ROOT: root };

  async function inFolder<T>(work: (options: TreeOptions) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "terrane-builder-"));
    const stop = new Stop();
    const stopListening = stopOnSignals(stop, "You stopped it");
    try {
      return await work({ masker, stop, graceMs: GRACE_MS, folder, log, gitEnv: own });
    } finally {
      stopListening();
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    tree: (text, from) =>
      inFolder(async (options) => {
        const headSha = "HEAD";
        const script = { text, cwd: root, env: own };
        const built = await buildTree(script, { headSha, baseSha: from ?? headSha }, options);
        return built.kind === "built" ? { kind: "built", value: built.tree } : built;
      }),
    config: (text, stdin) =>
      inFolder(async (options) => {
        const script = { name: "config_builder", text, stdin, cwd: root, env: own } as const;
        const charsMax = BUILT_CONFIG_CHARS_MAX;
        const printed = await runScript(script, { ...options, charsMax });
        return printed.kind === "printed" ? { kind: "built", value: printed.stdout } : printed;
      }),
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
