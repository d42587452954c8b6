import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Call {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Files named in the arguments, as they were at the call. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * A stand-in for a tool that cannot be installed here: it writes down how it was called, and does what a
 * test says. It stands on PATH under the tool's own name, and only its calls are what tests speak about.
 */
export class StandIns {
  readonly folder: string;
  readonly #calls: string;

  constructor(root: string) {
    this.folder = join(root, "stand-ins");
    this.#calls = join(root, "stand-in-calls");
    mkdirSync(this.folder, { recursive: true });
    mkdirSync(this.#calls, { recursive: true });
  }

  /** `body` is JavaScript that sees `argv`, `env` and `say`, and may call `exit`. */
  add(name: string, body: string): void {
    const file = join(this.folder, name);
    const script = `#!${process.execPath}
const fs = require("node:fs");
const argv = process.argv.slice(2);
const env = process.env;
const say = (text) => fs.writeSync(1, text + "\\n");
const exit = (code) => process.exit(code);
const files = {};
for (const each of argv) {
  try {
    if (fs.statSync(each).isFile()) files[each] = fs.readFileSync(each, "utf8");
  } catch {}
}
const call = JSON.stringify({ argv, cwd: process.cwd(), env, files }) + "\\n";
fs.appendFileSync(${JSON.stringify(join(this.#calls, name))}, call);
${body}
`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }

  /** Every call of one tool, in the order they came. */
  calls(name: string): Call[] {
    const file = join(this.#calls, name);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Call);
  }

  /** PATH with the stand-ins before everything else. */
  get path(): string {
    return `${this.folder}:${process.env["PATH"] ?? ""}`;
  }
}
