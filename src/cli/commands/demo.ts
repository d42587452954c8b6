import { Command } from "commander";
import type { DemoOptions } from "../demo/run-demo.ts";
import type { Host } from "../host.ts";
import { parsePort } from "../port.ts";

export function demoCommand(host: Host): Command {
  return new Command("demo")
    .description("show the main job on a sample repository, or on one of yours")
    .option("--once", "end by itself; exit status 0 only if all of it really happened")
    .option("--json", "print one JSON object as the last line")
    .option("--repo <path>", "a git repository you have; it is cloned and never touched")
    .option("--head <branch>", "with --repo: the branch with the change")
    .option("--base <branch>", "with --repo: the branch it goes into")
    .option("--apply", "with --repo: approve, apply and merge as well")
    .option("--port <port>", "port of the dashboard (default: any free one)", parsePort, 0)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("../demo/run-demo.ts");
      await runDemo(host, options);
    });
}
