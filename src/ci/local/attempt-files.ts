import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptId } from "../../core/ids.ts";
import type { CiConclusion, CiJob } from "../../ports/ci.ts";
import type { Machine, ProcessId } from "./processes.ts";

/**
 * What is known about an attempt, as files in its directory. Each is written once, whole, by
 * whoever comes first, so that any number of crashes leaves a state that can be read:
 *
 * | file        | says                                                    |
 * |-------------|---------------------------------------------------------|
 * | job         | this was asked for, then                                |
 * | claim       | this process is the job; process 0: it never will be    |
 * | exit        | the runner ended by itself with this code               |
 * | cancel      | it was asked to stop                                    |
 * | interrupt   | the runner is gone and left processes; they were told   |
 * | end         | no process is left, and this is how it ended            |
 * | reported    | the engine knows                                        |
 */
export type AttemptFile = "job" | "claim" | "exit" | "cancel" | "interrupt" | "end" | "reported";

export interface JobFile {
  readonly job: CiJob;
  readonly at: number;
}

export type Claim =
  | { readonly kind: "process"; readonly process: ProcessId; readonly machine: Machine }
  | { readonly kind: "never" };

/** Ids become names of directories; anything else is a bug of the caller. */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/;

export function isSafeName(name: string): boolean {
  return SAFE_NAME.test(name);
}

export class AttemptFiles {
  readonly dir: string;

  constructor(root: string, attempt: AttemptId) {
    this.dir = join(root, attempt);
  }

  path(file: AttemptFile | "log"): string {
    return join(this.dir, file);
  }

  async make(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
  }

  /** Writes the file, unless it is there; says whether it was us. */
  async write(file: AttemptFile, content: unknown): Promise<boolean> {
    const draft = join(this.dir, `${file}.${randomUUID()}.draft`);
    await writeFile(draft, JSON.stringify(content), { mode: 0o600 });
    try {
      await link(draft, this.path(file));
      return true;
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    } finally {
      await unlink(draft);
    }
  }

  /** What the file says; undefined when there is none. */
  async read(file: AttemptFile): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.path(file), "utf8")) as unknown;
    } catch (error) {
      // A process that was killed while it wrote its exit code said nothing.
      if (isCode(error, "ENOENT") || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async job(): Promise<JobFile | undefined> {
    return (await this.read("job")) as JobFile | undefined;
  }

  async claim(): Promise<Claim | undefined> {
    const claim = (await this.read("claim")) as
      | {
          readonly pid: number;
          readonly start?: string;
          readonly boot?: string;
          readonly namespace?: string;
        }
      | undefined;
    if (claim === undefined) return undefined;
    if (claim.pid === 0) return { kind: "never" };
    return {
      kind: "process",
      process: { pid: claim.pid, start: claim.start },
      machine: { boot: claim.boot ?? "", namespace: claim.namespace ?? "" },
    };
  }

  /** Makes sure that no process will ever be this job; false when one already is. */
  async claimNever(): Promise<boolean> {
    await this.write("claim", { pid: 0 });
    return (await this.claim())?.kind === "never";
  }

  async end(): Promise<CiConclusion | undefined> {
    return ((await this.read("end")) as { readonly conclusion: CiConclusion } | undefined)
      ?.conclusion;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
