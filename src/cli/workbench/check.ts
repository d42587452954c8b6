import { resolve } from "node:path";

import { scriptOf } from "../../core/build/builder.ts";
import { findingsInTree } from "../../core/change/place-findings.ts";
import { findDangerous } from "../../core/config/dangerous.ts";

import { effectiveConfig } from "../../core/config/effective.ts";
import { toDiagnostics } from "../../core/config/origins.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";
import type { FileRead, Host } from "../host.ts";
import { type Checkout, filesOf, findCheckout } from "./checkout.ts";
import { findIndex, NO_INDEX } from "./find-index.ts";
import { readTree, STDIN } from "./lists.ts";
import { CONFIG_BYTES_MAX, ownConfigAbove } from "./own-config.ts";
import { aboutFile, inOrder, isError, printDiagnostics, type Shown, tally } from "./shown.ts";

export interface CheckOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly tree?: string;
}

/** What lies beside a configuration; with the checkout that it was found in. */
interface Beside {
  readonly files: readonly string[];
  readonly checkout?: Checkout;
}

interface Checked {
  readonly diagnostics: readonly Shown[];
  readonly texts: ReadonlyMap<string, string>;
}

/** `terrane config check`: gives the exit status. */
export async function checkConfig(
  host: Host,
  files: readonly string[],
  options: CheckOptions,
): Promise<0 | 1> {
  const { tree } = options;
  const listed = tree === undefined ? undefined : { files: await readTree(host, tree) };
  const checked =
    files.length === 0 ? await checkOwn(host, listed) : await checkFiles(host, files, listed);
  const diagnostics = inOrder(checked.diagnostics);
  const ok = !diagnostics.some(isError);
  if (options.json === true) host.out(JSON.stringify({ ok, diagnostics }));
  else {
    const quiet = options.quiet === true;
    printDiagnostics(host, quiet ? diagnostics.filter(isError) : diagnostics, checked.texts, "out");
    if (!quiet)
      host.out(
        `${[...checked.texts.keys()].join(", ") || "Configuration"}: ${tally(diagnostics)}.`,
      );
  }
  return ok ? 0 : 1;
}

/** The repository's own file, and what it makes of the files beside it. */
async function checkOwn(host: Host, listed: Beside | undefined): Promise<Checked> {
  const { machine } = host;
  const checkout = await findCheckout(machine, machine.cwd);
  const own = await ownConfigAbove(machine, checkout);
  const texts = new Map<string, string>();
  switch (own.kind) {
    case "none": {
      const message = `there is no configuration here or above (${CONFIG_PATHS[0]}), so the defaults count`;
      return { diagnostics: [aboutFile("warning", "no_file", message, CONFIG_PATHS[0])], texts };
    }
    case "problem":
      return { diagnostics: [aboutFile("error", "unreadable", own.message, own.path)], texts };
    case "found": {
      texts.set(own.path, own.text);
      const beside = listed ?? (await filesAround(host, own.root));
      return { diagnostics: await checkText(host, own.path, own.text, beside), texts };
    }
  }
}

async function checkFiles(
  host: Host,
  files: readonly string[],
  listed: Beside | undefined,
): Promise<Checked> {
  const texts = new Map<string, string>();
  const diagnostics: Shown[] = [];
  for (const file of new Set(files)) {
    const read = await readConfig(host, file);
    switch (read.kind) {
      case "missing":
        diagnostics.push(aboutFile("error", "unreadable", "there is no such file", file));
        break;
      case "unreadable":
        diagnostics.push(aboutFile("error", "unreadable", `the file ${read.message}`, file));
        break;
      case "ok": {
        texts.set(file, read.text);
        const root = rootOf(host, file);
        const beside = listed ?? (root === undefined ? undefined : await filesAround(host, root));
        diagnostics.push(...(await checkText(host, file, read.text, beside)));
      }
    }
  }
  return { diagnostics, texts };
}

function readConfig({ machine }: Host, file: string): Promise<FileRead> {
  if (file === STDIN) return machine.readInput(CONFIG_BYTES_MAX);
  return machine.readFile(file, CONFIG_BYTES_MAX);
}

/** Where the repository begins whose own configuration a file is by its name. */
function rootOf({ machine }: Host, file: string): string | undefined {
  const full = resolve(machine.cwd, file);
  const own = CONFIG_PATHS.find((path) => full.endsWith(`/${path}`));
  return own === undefined ? undefined : full.slice(0, -own.length - 1) || "/";
}

/** The files of the checkout that begins in this directory; a configuration elsewhere configures nothing. */
async function filesAround({ machine }: Host, root: string): Promise<Beside | undefined> {
  const checkout = await findCheckout(machine, root);
  if (checkout?.prefix !== "") return undefined;
  return { files: await filesOf(checkout, undefined), checkout };
}

async function checkText(
  host: Host,
  file: string,
  text: string,
  beside: Beside | undefined,
): Promise<readonly Shown[]> {
  const ready = effectiveConfig([{ source: "repository", file, text }], "as_written");
  if (ready.kind === "error") return ready.diagnostics;
  const dangerous = toDiagnostics(findDangerous(ready.raw, ready.config), ready.origins);
  const known = [...ready.warnings, ...dangerous];
  // Stacks that go round in a circle do so in every tree, also in one that is not known.
  if (beside === undefined)
    return [...known, ...findingsInTree(ready, { files: [] }).filter(isError)];
  const { files, checkout } = beside;
  // Links give files other names, so without the index a key for one of these would match nothing.
  const { index, diagnostics } =
    checkout === undefined
      ? NO_INDEX
      : await findIndex(host, checkout, { head: undefined }, ready.config, undefined);
  // A script lists others, so that what matches nothing of git may well match one of those.
  if (scriptOf(ready.config.treeBuilder) !== undefined) return [...known, ...diagnostics];
  const tree = index === undefined ? { files } : { files, index };
  return [...known, ...diagnostics, ...findingsInTree(ready, tree)];
}
