import { readdir, rm, stat } from "node:fs/promises";
import type { AttemptId } from "../../core/ids.ts";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type { CiConclusion } from "../../ports/ci.ts";
import { isSafeName } from "./attempt-files.ts";
import { type JobPlace, jobState } from "./job-state.ts";
import { type RunningProcess, signalAll } from "./processes.ts";

export interface WatchOptions {
  readonly pollMs: number;
  /** What a dead runner left is interrupted at once and killed after this. */
  readonly graceMs: number;
  /** Logs of ended jobs are kept this long. */
  readonly keptMs: number;
}

/** Terraform needs minutes at times to finish a request and write its state after an interrupt. */
const DEFAULTS: WatchOptions = { pollMs: 1_000, graceMs: 10 * 60_000, keptMs: 30 * 86_400_000 };

export interface EndedJob {
  readonly attempt: AttemptId;
  readonly conclusion: CiConclusion;
  /** The same as the engine takes it; its delivery id is the same each time. */
  readonly event: VcsEvent;
}

interface JobWatchOptions extends Partial<WatchOptions> {
  readonly root: string;
  readonly place: (attempt: AttemptId) => JobPlace;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
  readonly onEnded: (ended: EndedJob) => Promise<void>;
}

/** Looks after jobs until the engine knows their end. All it knows is in the files, so it may crash. */
export class JobWatch {
  readonly #options: JobWatchOptions & WatchOptions;
  readonly #active = new Set<AttemptId>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #again = false;
  #watching = false;

  constructor(options: JobWatchOptions) {
    this.#options = {
      ...options,
      pollMs: options.pollMs ?? DEFAULTS.pollMs,
      graceMs: options.graceMs ?? DEFAULTS.graceMs,
      keptMs: options.keptMs ?? DEFAULTS.keptMs,
    };
  }

  add(attempt: AttemptId): void {
    this.#active.add(attempt);
  }

  async start(): Promise<void> {
    this.#watching = true;
    for (const name of await readdir(this.#options.root)) {
      if (!isSafeName(name) || name === "claim.cjs") continue;
      const attempt = name as AttemptId;
      const { files } = this.#options.place(attempt);
      const reported = await stat(files.path("reported")).catch(() => undefined);
      if (reported === undefined) this.add(attempt);
      else if (this.#options.place(attempt).now() - reported.mtimeMs > this.#options.keptMs) {
        await rm(files.dir, { recursive: true, force: true });
      }
    }
    this.wake();
  }

  async stop(): Promise<void> {
    this.#watching = false;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** Looks now instead of at the next poll. */
  wake(): void {
    if (!this.#watching) return;
    this.#again = true;
    clearTimeout(this.#timer);
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
      if (this.#watching) this.#timer = setTimeout(() => this.wake(), this.#options.pollMs).unref();
    });
  }

  async #sweep(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      for (const attempt of this.#active) {
        try {
          if (await this.#tend(attempt)) this.#active.delete(attempt);
        } catch (error) {
          this.#options.log.warn(
            { err: error, attempt },
            "a local CI job could not be looked after",
          );
        }
      }
    }
  }

  /** True once there is nothing left to do. */
  async #tend(attempt: AttemptId): Promise<boolean> {
    const place = this.#options.place(attempt);
    const state = await jobState(place);
    switch (state.kind) {
      case "absent":
        // `start` adds the attempt only after the job file is there, and a directory without one is a crash's.
        return true;
      case "orphaned":
        await this.#interrupt(place, state.processes);
        return false;
      case "ended":
        await this.#finish(place, state.conclusion);
        return true;
      default:
        return false;
    }
  }

  async #interrupt(place: JobPlace, processes: readonly RunningProcess[]): Promise<void> {
    const { files, now } = place;
    // Once: a second interrupt would make terraform give up without writing its state.
    if (await files.write("interrupt", { at: now() })) {
      const count = processes.length;
      this.#options.log.warn({ attempt: place.attempt, count }, "a dead runner left processes");
      signalAll(processes, "SIGINT");
      return;
    }
    const told = (await files.read("interrupt")) as { readonly at: number } | undefined;
    if (told !== undefined && now() - told.at > this.#options.graceMs) {
      signalAll(processes, "SIGKILL");
    }
  }

  async #finish(place: JobPlace, conclusion: CiConclusion): Promise<void> {
    const { files, attempt } = place;
    await files.write("end", { conclusion, at: place.now() });
    await rm(place.workDir, { recursive: true, force: true });
    const job = await files.job();
    if (job === undefined) return;
    const { repository, defaultBranch } = job.job;
    await this.#options.onEnded({
      attempt,
      conclusion: (await files.end()) ?? conclusion,
      event: {
        deliveryId: `local-ci.${attempt}.ended`,
        installation: repository.installation,
        repository: { id: repository.id, fullName: repository.fullName, defaultBranch },
        what: { kind: "ci_ended", ciRun: attempt },
      },
    });
    await files.write("reported", { at: place.now() });
  }
}
