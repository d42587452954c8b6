import { join } from "node:path";
import { cutMessage, STARTER_PATH, starterConfig } from "../../core/starter/starter-config.ts";
import { type Host, UsageError } from "../host.ts";
import { type Checkout, findCheckout } from "../workbench/checkout.ts";
import { ownConfig } from "../workbench/own-config.ts";
import { lineDiff } from "./line-diff.ts";
import type { SetupFile, SetupForge } from "./offer.ts";
import { discoverCheckout } from "./read-checkout.ts";

export interface FileOptions {
  readonly force?: boolean;
  readonly print?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const FILE_BYTES_MAX = 1024 * 1024;

/** What becomes of a file, told the same way whether it is done or only said. */
type State = "written" | "unchanged" | "replaced" | "different" | "yours";

interface Step {
  readonly path: string;
  readonly text: string;
  readonly state: State;
  readonly diff: string | undefined;
  /** For people, beside the state. */
  readonly note?: string;
  readonly next?: string;
}

/** Writes what a repository needs into its checkout: never over something else, and all of it or nothing. */
export async function setUpForge(
  host: Host,
  forge: SetupForge,
  options: FileOptions,
): Promise<void> {
  if (options.print === true) {
    host.out(forge.files.map(({ text }) => text.trimEnd()).join("\n\n"));
    return;
  }
  const checkout = await findCheckout(host.machine, ".");
  if (checkout === undefined) {
    const next = "Change into the repository's checkout, or add --print.";
    throw new UsageError("This is no git checkout.", next, 2);
  }
  const steps: Step[] = [];
  for (const file of forge.files) steps.push(await stepOf(host, checkout, file, options));
  steps.push(await configStep(host, checkout));
  const isDry = options.dryRun === true;
  const stopped = steps.find(({ state }) => state === "different");
  const outstanding = steps.filter(({ state }) => state === "written" || state === "replaced");
  const writes = stopped === undefined && !isDry && outstanding.length > 0;
  if (writes) {
    for (const { path, text } of outstanding) {
      await host.machine.writeFile(join(checkout.root, path), text);
    }
  }
  const next = [...steps.flatMap((step) => step.next ?? []), ...forge.next];
  if (options.json === true) printJson(host, steps, next, writes);
  else printSteps(host, steps, next, isDry || stopped !== undefined);
  if (stopped === undefined) return;
  throw new UsageError(
    `${stopped.path} is there and says something else; nothing was written.`,
    "Look at the difference, then add --force to replace it.",
  );
}

async function stepOf(
  host: Host,
  { root }: Checkout,
  { path, text, shared }: SetupFile,
  { force }: FileOptions,
): Promise<Step> {
  const there = await host.machine.readFile(join(root, path), FILE_BYTES_MAX);
  if (there.kind === "missing") return { path, text, state: "written", diff: undefined };
  const found = there.kind === "ok" ? there.text : undefined;
  const isComplete =
    found === text || (shared?.has.every((part) => found?.includes(part)) ?? false);
  if (isComplete) return { path, text, state: "unchanged", diff: undefined };
  const note = there.kind === "ok" ? {} : { note: `it ${there.message}` };
  if (shared !== undefined) {
    return { path, text, state: "yours", diff: undefined, next: shared.next, ...note };
  }
  const state = force === true ? "replaced" : "different";
  return {
    path,
    text,
    state,
    diff: found === undefined ? undefined : lineDiff(found, text),
    ...note,
  };
}

async function configStep(host: Host, checkout: Checkout): Promise<Step> {
  const { machine } = host;
  const { root } = checkout;
  const own = await ownConfig((path) => machine.readFile(join(root, path), FILE_BYTES_MAX));
  if (own.kind !== "none") {
    return { path: own.path, text: "", state: "unchanged", diff: undefined };
  }
  const found = await discoverCheckout(machine, checkout);
  const cut = cutMessage(found)?.replace(/\.$/, "");
  const counted = `${found.roots.length} directories to plan were found`;
  const note = cut === undefined ? counted : `${counted}; ${cut}`;
  const text = starterConfig(found);
  return { path: STARTER_PATH, text, state: "written", diff: undefined, note };
}

/** In the words of what was done, and of what would be. */
const WORDS: Readonly<Record<State, readonly [done: string, dry: string]>> = {
  written: ["Wrote %.", "Would write %."],
  replaced: ["Replaced %.", "Would replace %."],
  unchanged: ["% is there already.", "% is there already."],
  different: ["% says something else.", "% says something else."],
  yours: ["% is yours and stays as it is.", "% is yours and stays as it is."],
};

function printSteps(
  host: Host,
  steps: readonly Step[],
  next: readonly string[],
  isDry: boolean,
): void {
  for (const { path, state, diff, note } of steps) {
    const line = WORDS[state][isDry ? 1 : 0].replace("%", () => path);
    host.out(note === undefined ? line : `${line.replace(/\.$/, "")}: ${note}.`);
    if (diff !== undefined) host.out(diff);
  }
  host.out("\nNext:");
  for (const [index, line] of next.entries()) host.out(`  ${index + 1}. ${line}`);
}

function printJson(
  host: Host,
  steps: readonly Step[],
  next: readonly string[],
  written: boolean,
): void {
  const files = steps.map(({ path, state, diff }) => ({
    path,
    state,
    ...(diff === undefined ? {} : { diff }),
  }));
  host.out(JSON.stringify({ written, files, next }, undefined, 2));
}
