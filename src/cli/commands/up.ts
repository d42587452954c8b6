import { Command } from "commander";
import { defaultDataDir } from "../data-dir.ts";
import { type Host, UsageError } from "../host.ts";
import { parsePort } from "../port.ts";
import { paint } from "../print.ts";
import { checkTools } from "./doctor.ts";

interface UpOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl?: string;
  readonly logLevel: string;
}

export function upCommand(host: Host): Command {
  return new Command("up")
    .description("start the server with everything it needs; Ctrl-C stops it")
    .option("--data-dir <path>", "where it keeps its data", defaultDataDir(host.env))
    .option(
      "--host <address>",
      "address to listen on; others than this machine need TERRANE_URL",
      "127.0.0.1",
    )
    .option("--port <port>", "port; 0 takes a free one", parsePort, 8080)
    .option(
      "--database-url <url>",
      "PostgreSQL of yours (default: $DATABASE_URL, else an embedded one)",
    )
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "info")
    .action(async (options: UpOptions) => {
      await checkTools(host);
      const server = await host.startServer({
        dataDir: options.dataDir,
        host: options.host,
        port: options.port,
        databaseUrl: options.databaseUrl ?? host.env["DATABASE_URL"],
        logLevel: options.logLevel,
      });
      host.out(`${paint(host, "bold", "Terrane is up:")} ${server.url}/#token=${server.token}`);
      host.out("Next: `terrane repo create NAME`, push to the address it prints, then");
      host.out("      `terrane pr open --repo NAME --head BRANCH --base main --title TEXT`.");
      const retired = await Promise.race([host.untilStopped(), server.retired]);
      host.out("Stopping.");
      await server.stop();
      if (retired !== undefined) throw new UsageError(retired);
    });
}
