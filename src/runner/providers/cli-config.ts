import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Env } from "../process.ts";

/** What the user says about providers already; then their word stands and nothing is added. */
export type UserConfig =
  | { readonly kind: "free"; readonly text: string }
  | { readonly kind: "theirs"; readonly pluginCacheDir: string | undefined };

/** Arguments of init that say where providers come from. */
const OWN_SOURCE = /^-(?:plugin-dir|upgrade|get-plugins)\b/;

/** Terraform's configuration of this user: one file, or the home directory's files. */
export async function userConfig(env: Env, args: readonly string[]): Promise<UserConfig> {
  const cacheDir = env["TF_PLUGIN_CACHE_DIR"] ?? "";
  if (cacheDir !== "") return { kind: "theirs", pluginCacheDir: cacheDir };
  const texts = await configTexts(env);
  const text = (texts ?? []).join("\n");
  const named = /^[ \t]*plugin_cache_dir[ \t]*=[ \t]*"([^"]+)"/m.exec(text)?.[1];
  if (named !== undefined) return { kind: "theirs", pluginCacheDir: named };
  const says = texts === undefined || /\bprovider_installation\b/.test(text);
  if (says || args.some((arg) => OWN_SOURCE.test(arg))) {
    return { kind: "theirs", pluginCacheDir: undefined };
  }
  return { kind: "free", text };
}

/** Their text with a mirror for some providers; the others come from where they always do. */
export function withMirror(text: string, mirror: string, sources: readonly string[]): string {
  const list = sources.map((source) => JSON.stringify(source)).join(", ");
  return `${text}
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = [${list}]
  }
  direct {
    exclude = [${list}]
  }
}
`;
}

/** Undefined where something is in a form that cannot be put into one file. */
async function configTexts(env: Env): Promise<string[] | undefined> {
  const named = env["TF_CLI_CONFIG_FILE"] ?? env["TERRAFORM_CONFIG"] ?? "";
  if (named !== "") return await hclTexts([named]);
  const home = env["HOME"] ?? homedir();
  const folders = await Promise.all(
    [".terraform.d", ".tofu.d"].map(async (name) => {
      const folder = join(home, name);
      const names = await readdir(folder).catch((): string[] => []);
      return names
        .filter((each) => /\.tfrc(?:\.json)?$/.test(each))
        .map((each) => join(folder, each));
    }),
  );
  return await hclTexts([join(home, ".terraformrc"), join(home, ".tofurc"), ...folders.flat()]);
}

async function hclTexts(files: readonly string[]): Promise<string[] | undefined> {
  const texts: string[] = [];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const hcl = text.trimStart().startsWith("{") ? credentialsAsHcl(text) : text;
    if (hcl === undefined) return undefined;
    texts.push(hcl);
  }
  return texts;
}

/** `{"credentials": {"host": {"token": "…"}}}`, which logging in writes. */
function credentialsAsHcl(json: string): string | undefined {
  try {
    const document = JSON.parse(json) as Record<string, unknown>;
    const [name, ...others] = Object.keys(document);
    if (name !== "credentials" || others.length > 0) return undefined;
    const hosts = Object.entries(document["credentials"] as Record<string, { token?: unknown }>);
    return hosts
      .map(([host, { token }]) => {
        return `credentials ${JSON.stringify(host)} {\n  token = ${JSON.stringify(String(token))}\n}\n`;
      })
      .join("");
  } catch {
    return undefined;
  }
}
