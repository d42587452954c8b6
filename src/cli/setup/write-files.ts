import { join } from "node:path";
import { type Host, UsageError } from "../host.ts";
import { type Checkout, filesOf, findCheckout } from "../workbench/checkout.ts";
import { ownConfig } from "../workbench/own-config.ts";
import { discover, starterConfig } from "./discover.ts";
import type { SetupForge } from "./offer.ts";

export interface FileOptions {
  readonly force?: boolean;
  readonly print?: boolean;
}

const CONFIG = ".terrane/config.yml";
const FILE_BYTES_MAX = 1024 * 1024;

/** Writes what a repository needs into its checkout: never over something else. */
export async function setUpForge(
  host: Host,
  forge: SetupForge,
  { force, print }: FileOptions,
): Promise<void> {
  if (print === true) {
    host.out(forge.text.trimEnd());
    return;
  }
  const checkout = await findCheckout(host.machine, ".");
  if (checkout === undefined) {
    const next = "Change into the repository's checkout, or add --print.";
    throw new UsageError("This is no git checkout.", next, 2);
  }
  await put(host, checkout, forge, force === true);
  await putConfig(host, checkout);
  host.out("\nNext:");
  for (const [index, line] of forge.next.entries()) host.out(`  ${index + 1}. ${line}`);
}

async function put(
  host: Host,
  { root }: Checkout,
  { file, text }: SetupForge,
  force: boolean,
): Promise<void> {
  const { machine } = host;
  const path = join(root, file);
  const there = await machine.readFile(path, FILE_BYTES_MAX);
  if (there.kind === "ok" && there.text === text) return host.out(`${file} is there already.`);
  if (there.kind !== "missing" && !force) {
    throw new UsageError(
      `${file} is there and says something else.`,
      "Compare it with what --print shows, then add --force to replace it.",
    );
  }
  await machine.writeFile(path, text);
  host.out(`Wrote ${file}.`);
}

async function putConfig(host: Host, checkout: Checkout): Promise<void> {
  const { machine } = host;
  const { root } = checkout;
  const own = await ownConfig((path) => machine.readFile(join(root, path), FILE_BYTES_MAX));
  if (own.kind !== "none") return host.out(`${own.path} is there already.`);
  const [{ indexCheckout }, { memoryCache }] = await Promise.all([
    import("../../hcl/index-checkout.ts"),
    import("../../hcl/cache.ts"),
  ]);
  const { index } = await indexCheckout({ root, cache: memoryCache() });
  const found = discover(await filesOf(checkout, undefined), index);
  await machine.writeFile(join(root, CONFIG), starterConfig(found));
  host.out(`Wrote ${CONFIG}: ${found.roots.length} directories to plan were found.`);
}
