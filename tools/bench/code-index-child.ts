import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { memoryCache } from "../../src/hcl/cache.ts";
import { fileCache } from "../../src/hcl/file-cache.ts";
import { indexCheckout } from "../../src/hcl/index-checkout.ts";
import { openParser } from "../../src/hcl/parser.ts";
import { terraformReferences } from "../../src/hcl/terraform.ts";

const inputSchema = z.object({ directories: z.number() });

export const codeIndexOutput = z.object({
  files: z.number(),
  modules: z.number(),
  reads: z.number(),
  parsed: z.number(),
  parsedWarm: z.number(),
  coldMs: z.array(z.number()),
  warmMs: z.array(z.number()),
  /** With the entries loaded from disk, as the next process does. */
  diskMs: z.array(z.number()),
  peakRssMb: z.number(),
  idleRssMb: z.number(),
});

export type CodeIndexOutput = z.infer<typeof codeIndexOutput>;

/** The product's own index, all of it: asking git, reading, parsing in its thread, composing. */
export async function codeIndexOurs(input: unknown): Promise<CodeIndexOutput> {
  const { directories } = inputSchema.parse(input);
  return inRepository(directories, async (root) => {
    const idleRssMb = peakRssMb();
    const cache = memoryCache();
    const cold = await timedAsync(() => indexCheckout({ root, cache }));
    const warm = await timedAsync(() => indexCheckout({ root, cache }));
    const kept = join(root, ".git", "bench-cache");
    await indexCheckout({ root, cache: await fileCache(kept) });
    const disk = await timedAsync(async () =>
      indexCheckout({ root, cache: await fileCache(kept) }),
    );
    const references = cold.value.index.directories.flatMap((one) => one.references);
    const modules = references.filter(({ kind }) => kind === "module").length;
    return {
      files: directories * FILES.length,
      modules,
      reads: references.length - modules,
      parsed: cold.value.statistics.parsed,
      parsedWarm: warm.value.statistics.parsed,
      coldMs: [cold.ms],
      warmMs: [warm.ms],
      diskMs: [disk.ms],
      peakRssMb: peakRssMb(),
      idleRssMb,
    };
  });
}

/** What one would write first: the same parser, asked about every file. */
export async function codeIndexEverything(input: unknown): Promise<CodeIndexOutput> {
  const { directories } = inputSchema.parse(input);
  return inRepository(directories, async (root) => {
    const idleRssMb = peakRssMb();
    const paths = pathsOf(directories);
    const parser = openParser();
    const work = await timedAsync(async () => {
      const texts = paths.map((path) => {
        return { name: path, text: readFileSync(join(root, path), "utf8") };
      });
      return (await parser.parse(texts)).map((one) =>
        one.kind === "ok" ? terraformReferences(one.value) : undefined,
      );
    });
    await parser.close();
    return {
      files: paths.length,
      modules: work.value.reduce((sum, one) => sum + (one?.modules.length ?? 0), 0),
      reads: work.value.reduce((sum, one) => sum + (one?.reads.length ?? 0), 0),
      parsed: paths.length,
      parsedWarm: paths.length,
      coldMs: [work.ms],
      warmMs: [],
      diskMs: [],
      peakRssMb: peakRssMb(),
      idleRssMb,
    };
  });
}

const FILES = ["main.tf", "variables.tf", "outputs.tf", "versions.tf"];
const MODULES = 50;

function pathsOf(directories: number): readonly string[] {
  return Array.from({ length: directories }, (_, index) => directoryName(index)).flatMap((dir) =>
    FILES.map((file) => `${dir}/${file}`),
  );
}

/** One directory in fifty is a module. */
function directoryName(index: number): string {
  if (index % MODULES === 0) return `modules/m${index / MODULES}`;
  return `live/stage-${index % 3}/team-${index % 100}/service-${index}`;
}

/** Four files for each directory, as modules and roots mostly have: one calls, three do not. */
function textOf(path: string, index: number): string {
  switch (path.slice(path.lastIndexOf("/") + 1)) {
    case "main.tf":
      return `${block('resource "terraform_data"', index, 8)}${
        path.startsWith("modules/")
          ? 'locals {\n  policy = file("${path.module}/policy.json")\n}\n'
          : `module "m" {\n  source = "../../../../modules/m${Math.floor(index / MODULES)}"\n  name   = "x-\${var.v1}"\n}\n`
      }`;
    case "variables.tf":
      return block("variable", index, 15, '  type        = string\n  description = "What it is"\n');
    case "outputs.tf":
      return block("output", index, 6, "  value = module.m.id\n");
    default:
      return 'terraform {\n  required_version = ">= 1.5"\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 5.0" }\n  }\n}\n';
  }
}

function block(kind: string, index: number, count: number, body = ""): string {
  const inside = body === "" ? '  input = { name = "${var.v1}-x", tags = [var.v2, "b"] }\n' : body;
  return Array.from(
    { length: count },
    (_, at) =>
      `${kind} "v${at}${kind.includes("resource") ? `" "r${index}` : ""}" {\n${inside}}\n\n`,
  ).join("");
}

async function inRepository<T>(
  directories: number,
  work: (root: string) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "terrane-bench-"));
  try {
    for (const [at, path] of pathsOf(directories).entries()) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), textOf(path, Math.floor(at / FILES.length)));
    }
    const git = (...args: string[]) => execFileSync("git", args, { cwd: root });
    git("init", "--quiet");
    git("add", "--all");
    return await work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Processor time of this process and its threads; git is a process of its own and not in it. */
async function timedAsync<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(began);
  return { value, ms: (user + system) / 1_000 };
}

/** The operating system's own account of this process. */
function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
