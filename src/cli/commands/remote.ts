import { Command } from "commander";
import type { Api } from "../api.ts";
import { defaultDataDir } from "../data-dir.ts";
import { type Host, UsageError } from "../host.ts";

/** Options of every command that talks to a server. */
export interface RemoteOptions {
  readonly server?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

export function remoteCommand(host: Host, name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--server <url>", "server to talk to (default: $TERRANE_SERVER, else the local one)")
    .option("--data-dir <path>", "data directory of the local server", defaultDataDir(host.env))
    .option("--json", "print JSON");
}

export async function connect(host: Host, options: RemoteOptions): Promise<Api> {
  // The contract brings a validator along, which the commands without a server need not load.
  const { apiOf, findServer } = await import("../api.ts");
  const { url, token } = await findServer(options.dataDir, options.server, host.env);
  return apiOf(url, token);
}

/** A repository by name or id; the only one may be left out. */
export async function repositoryId(api: Api, named: string | undefined): Promise<string> {
  const all = await api("repositories", {});
  const whole = all.find((one) => one.id === named || one.fullName === named);
  if (whole !== undefined) return whole.id;
  const fits = all.filter((one) => named === undefined || one.fullName.endsWith(`/${named}`));
  const [found] = fits;
  if (found !== undefined && fits.length === 1) return found.id;
  if (named !== undefined && fits.length > 1) {
    const those = fits.map((one) => one.fullName).join(", ");
    throw new UsageError(`${named} is more than one repository.`, `Name one whole: ${those}.`);
  }
  const names = all.map((one) => one.fullName).join(", ");
  throw new UsageError(
    named === undefined ? "Which repository?" : `There is no repository ${named}.`,
    names === "" ? "Make one with `terrane repo create NAME`." : `Name one with --repo: ${names}.`,
  );
}

export function number(text: string): number {
  const value = Number(text.replace(/^[#!]/, ""));
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(
      `${text} is no pull request number.`,
      "Write it as in `terrane pr show 7`.",
    );
  }
  return value;
}
