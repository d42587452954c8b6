import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Call {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What could be read from the standard input. */
  readonly stdin: string;
}

/**
 * A tool that cannot be installed for tests: a real process that writes down how it was called, and
 * answers by a script. `$OUT` is the value of the argument that begins with `-out=`, `--save-plan=` or
 * `--plan=`.
 */
export class StandIn {
  readonly #calls: string;

  constructor(folder: string, name: string, script: string) {
    mkdirSync(folder, { recursive: true });
    this.#calls = join(folder, `${name}.calls`);
    const recorder = `
const fs = require("node:fs");
const stdin = fs.fstatSync(0).isCharacterDevice() ? "" : fs.readFileSync(0, "utf8");
const call = { args: process.argv.slice(1), cwd: process.cwd(), env: process.env, stdin };
fs.appendFileSync(${JSON.stringify(this.#calls)}, JSON.stringify(call) + "\\n");
`;
    const file = join(folder, name);
    writeFileSync(`${file}.cjs`, recorder);
    const text = `#!/bin/sh
"${process.execPath}" "${file}.cjs" "$@"
for arg in "$@"; do case "$arg" in -out=*|--save-plan=*|--plan=*) OUT="\${arg#*=}" ;; esac; done
${script}
`;
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }

  get calls(): readonly Call[] {
    if (!existsSync(this.#calls)) return [];
    const lines = readFileSync(this.#calls, "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const call = JSON.parse(line) as { args: string[] } & Call;
      return { ...call, args: call.args.slice(1) };
    });
  }

  /** The arguments of each call, `--version` left out, and the place of the plan file as `FILE`. */
  get argv(): readonly string[] {
    const said = this.calls.map(({ args }) =>
      args.map((arg) => arg.replace(/(^|=)\/.*\/plan$/, "$1FILE")).join(" "),
    );
    return said.filter((args) => args !== "--version");
  }
}
