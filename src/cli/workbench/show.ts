import { configWithOrigins } from "../../core/config/show.ts";
import { type Host, UsageError } from "../host.ts";
import { paint, plain } from "../print.ts";
import { findCheckout } from "./checkout.ts";
import { notRun } from "./find-built.ts";
import { printDiagnostics } from "./shown.ts";
import { findConfig, type SourceOptions } from "./sources.ts";

export interface ShowOptions extends SourceOptions {
  readonly repo: string;
  readonly json?: boolean;
}

/** `terrane config show`: gives the exit status. */
export async function showConfig(host: Host, options: ShowOptions): Promise<0 | 1> {
  if (options.config !== undefined && options.ref !== undefined) {
    throw new UsageError("--config and --ref both say what is shown.", "Give one of them.", 2);
  }
  const checkout = await findCheckout(host.machine, options.repo);
  const read = await findConfig(host, checkout, options);
  const { effective, sources, problems } = read;
  const found =
    effective.kind === "ok"
      ? [...effective.warnings, ...notRun(effective.config, read)]
      : effective.diagnostics;
  const diagnostics = [...problems, ...found];
  const ok = effective.kind === "ok" && problems.length === 0;
  const shown = ok ? configWithOrigins(effective) : undefined;
  const files = sources.map(({ source, file }) => ({ source, file }));
  if (options.json === true) {
    host.out(JSON.stringify({ ok, sources: files, ...shown?.json, diagnostics }));
    return ok ? 0 : 1;
  }
  const texts = new Map(sources.map(({ file, text }) => [file, text]));
  printDiagnostics(host, diagnostics, texts, "err");
  if (shown === undefined) return 1;
  const named = files.map(({ source, file }) => `${source.replaceAll("_", " ")}: ${file}`);
  host.out(paint(host, "dim", `# ${plain(named.join("; ")) || "no file: the defaults"}`));
  for (const line of shown.lines) host.out(plain(line));
  return 0;
}
