import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Migration, migrate } from "../src/store/migrate.ts";
import { asAdmin, withDatabase } from "../test/support/admin.ts";
import { startThrowawayServer } from "../test/support/database-server.ts";
import { quiet } from "../test/support/quiet.ts";

/**
 * Generates what is derived from other files: the files of CI jobs as a module, and of migrations/*.sql their text as a module, so that a bundle needs no
 * files beside it, and the types of the schema they lead to. `--check` writes nothing and fails
 * where a file is stale.
 */
const root = join(import.meta.dirname, "..");
const MIGRATIONS = "src/store/migrations.gen.ts";
const SCHEMA = "src/store/schema.gen.ts";
const CI_FILES = "src/main/setup/ci-files.gen.ts";
const CI_FILE_SOURCES = {
  WORKFLOW: "deploy/github/terrane.yml",
  GITLAB_ROOT: "deploy/gitlab/gitlab-ci.yml",
  GITLAB_JOB: "deploy/gitlab/terrane.yml",
};
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** The migrator's transaction is the only one; a commit inside would make half a migration permanent. */
const TRANSACTION_CONTROL = /^\s*(?:begin|start\s+transaction|commit|rollback|abort)\s*;/im;

function readMigrations(): readonly Migration[] {
  const directory = join(root, "migrations");
  const names = readdirSync(directory).filter((name) => name.endsWith(".sql"));
  // A number may be left out: changes that are made side by side take theirs ahead of time.
  let last = 0;
  return names.toSorted().map((name) => {
    const number = Number(FILE_NAME.exec(name)?.[1] ?? Number.NaN);
    if (!(number > last)) {
      const least = String(last + 1).padStart(4, "0");
      throw new Error(`migrations/${name}: expected a name from ${least}_<words>.sql on here`);
    }
    last = number;
    const sql = readFileSync(join(directory, name), "utf8").replaceAll("\r\n", "\n");
    if (TRANSACTION_CONTROL.test(sql)) {
      throw new Error(`migrations/${name}: a migration runs in one transaction and cannot end it`);
    }
    const sha256 = createHash("sha256").update(sql).digest("hex");
    return { number, name: name.replace(/\.sql$/, ""), sha256, sql };
  });
}

function migrationsModule(migrations: readonly Migration[]): string {
  const entries = migrations.map(
    ({ number, name, sha256, sql }) =>
      `  {\n    number: ${number},\n    name: ${JSON.stringify(name)},\n    sha256: ${JSON.stringify(sha256)},\n    sql: ${templateLiteral(sql)},\n  },\n`,
  );
  return (
    "// Generated from migrations/*.sql by `npm run codegen`.\n" +
    'import type { Migration } from "./migrate.ts";\n\n' +
    `export const migrations: readonly Migration[] = [${entries.length > 0 ? "\n" : ""}${entries.join("")}];\n`
  );
}

/** `terrane setup` writes the files that people can read there. */
function ciFilesModule(): string {
  const texts = Object.entries(CI_FILE_SOURCES).map(
    ([name, path]) =>
      `/** ${path} */\nexport const ${name} = ${templateLiteral(readFileSync(join(root, path), "utf8"))};\n`,
  );
  return `// Generated from deploy by \`npm run codegen\`.\n\n${texts.join("\n")}`;
}

function templateLiteral(text: string): string {
  return `\`${text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")}\``;
}

async function schemaModule(migrations: readonly Migration[]): Promise<string> {
  const server = await startThrowawayServer();
  const name = `codegen_${randomBytes(8).toString("hex")}`;
  try {
    await asAdmin(server.adminUrl, `create database ${name} template template0`);
    const url = withDatabase(server.adminUrl, name);
    await migrate({ url, log: quiet, migrations });
    return introspect(url);
  } finally {
    await asAdmin(server.adminUrl, `drop database if exists ${name} with (force)`);
    await server.stop();
  }
}

function introspect(url: string): string {
  const directory = mkdtempSync(join(tmpdir(), "terrane-codegen-"));
  try {
    const out = join(directory, "schema.ts");
    run("kysely-codegen", [
      "--dialect=postgres",
      `--url=${url}`,
      "--default-schema=public",
      "--include-pattern=public.*",
      "--exclude-pattern=public.schema_migration",
      `--out-file=${out}`,
    ]);
    // Biome leaves generated files alone by their name, so the text goes in under another one.
    const text = readFileSync(out, "utf8");
    return run("biome", ["format", "--stdin-file-path=schema.ts"], text);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[], input = ""): string {
  const path = join(root, "node_modules", ".bin", program);
  return execFileSync(path, args, { cwd: root, encoding: "utf8", input });
}

async function main(): Promise<void> {
  const check = process.argv.includes("--check");
  const migrations = readMigrations();
  const generated: Readonly<Record<string, string>> = {
    [MIGRATIONS]: migrationsModule(migrations),
    [CI_FILES]: ciFilesModule(),
    [SCHEMA]: await schemaModule(migrations),
  };
  for (const [file, text] of Object.entries(generated)) {
    const path = join(root, file);
    const current = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (current === text) continue;
    if (!check) {
      writeFileSync(path, text);
      process.stdout.write(`wrote ${file}\n`);
      continue;
    }
    process.stderr.write(`${file} is stale. Run \`npm run codegen\` and commit the result.\n`);
    process.exitCode = 1;
  }
}

await main();
