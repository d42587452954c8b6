import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FinishBody, UnitResult, WorkDirspace, WorkItem, WorkUnit } from "../contract/work.ts";
import type { Reply, ServerClient } from "./client.ts";

/** What a person who started the work by hand hears of it. */
export interface LocalWatch {
  /** A piece of what the tools of a dirspace say, masked. */
  readonly said: (unit: WorkDirspace, text: string) => void;
  readonly ended: (unit: WorkDirspace, result: UnitResult, durationMs: number) => void;
}

type Result = Parameters<ServerClient["result"]>[0];
type Grant = Parameters<ServerClient["grant"]>[0];

const DIGEST = /^[0-9a-f]{64}$/;

/**
 * What a server answers to a job, for work that a person starts on a checkout of their own. It holds to
 * the same rules: only the plan that was shown is applied (S12), and each permission is given once (S5).
 * Plans stay sealed in a folder of this run; nothing leaves the machine.
 */
export class LocalClient implements ServerClient {
  readonly #work: WorkItem;
  readonly #folder: string;
  readonly #watch: LocalWatch;
  readonly #granted = new Set<string>();
  #end: FinishBody | undefined;

  constructor(work: WorkItem, folder: string, watch: LocalWatch) {
    this.#work = work;
    this.#folder = folder;
    this.#watch = watch;
  }

  /** The last word about the work as a whole. */
  get end(): FinishBody | undefined {
    return this.#end;
  }

  bind(): void {
    // There is nobody to speak to, so nothing has to be proven.
  }

  claim(): ReturnType<ServerClient["claim"]> {
    return ok({ credential: "", work: this.#work });
  }

  index(): ReturnType<ServerClient["index"]> {
    return ok({ recorded: true });
  }

  built(): ReturnType<ServerClient["built"]> {
    return ok({ recorded: true });
  }

  next(): ReturnType<ServerClient["next"]> {
    return ok({ kind: "done", finished: true });
  }

  heartbeat(): ReturnType<ServerClient["heartbeat"]> {
    return ok({ cancel: false });
  }

  output({ unit, seq, text }: Parameters<ServerClient["output"]>[0]) {
    this.#watch.said(unit, text);
    return ok({ nextSeq: seq + 1 });
  }

  async putPlan(digest: string, sealed: Uint8Array): Promise<Reply<void>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(this.#file(digest), sealed, { mode: 0o600 });
    return { kind: "ok", value: undefined };
  }

  async getPlan(digest: string): Promise<Reply<Uint8Array>> {
    try {
      return { kind: "ok", value: await readFile(this.#file(digest)) };
    } catch {
      return refused("no_plan", "The plan is not there any more. Plan again.");
    }
  }

  result({ unit, result, durationMs }: Result): ReturnType<ServerClient["result"]> {
    this.#watch.ended(unit, result, durationMs);
    return ok({ recorded: true });
  }

  grant(asked: Grant): ReturnType<ServerClient["grant"]> {
    const { dir, workspace } = asked.unit;
    const key = JSON.stringify([dir, workspace]);
    const reviewed = this.#unit(asked.unit)?.planDigest;
    const isReviewed = asked.planDigest !== null && reviewed === asked.planDigest;
    if (this.#work.kind !== "apply" || !isReviewed) {
      return no("not_reviewed", "This is not the plan that was shown. Nothing was applied.");
    }
    if (this.#granted.has(key)) {
      return no("granted_before", "This apply was begun before. Plan again.");
    }
    this.#granted.add(key);
    return ok({ kind: "granted", fence: this.#granted.size, sealKey: this.#work.sealKey });
  }

  finish(end: FinishBody): Promise<Reply<void>> {
    this.#end = end;
    return ok(undefined);
  }

  #unit({ dir, workspace }: WorkDirspace): WorkUnit | undefined {
    return this.#work.units.find((unit) => unit.dir === dir && unit.workspace === workspace);
  }

  #file(digest: string): string {
    // Also a name that was made up stays inside of the folder.
    const hashed = () => createHash("sha256").update(digest).digest("hex");
    return join(this.#folder, DIGEST.test(digest) ? digest : hashed());
  }
}

function ok<T>(value: T): Promise<Reply<T>> {
  return Promise.resolve({ kind: "ok", value });
}

function no(code: string, message: string): ReturnType<ServerClient["grant"]> {
  return ok({ kind: "refused", code, message });
}

function refused(code: string, message: string): Extract<Reply<never>, { kind: "refused" }> {
  return { kind: "refused", status: 404, code, message };
}
