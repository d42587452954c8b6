import type { Engine } from "../../../../src/engine/engine.ts";
import type { Session } from "../../../../src/ports/runner-store.ts";
import type { Link } from "../link.ts";
import type { Process, Scheduler } from "../scheduler.ts";

const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 15_000;
export const RESULT_BUDGET_MS = 15 * 60_000;
export const CALL_BUDGET_MS = 3 * 60_000;

/** As the runner's own client sees an answer. */
export type Reply<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "gone" | "refused" | "unreachable" };

/** What the server says no to, and will again. */
class Refused extends Error {
  readonly reply: "gone" | "refused";

  constructor(reply: "gone" | "refused") {
    super(reply);
    this.reply = reply;
  }
}

/** The calls of one CI job, tried again as the real runner does. */
export class RunnerClient {
  credential: string | undefined;
  readonly #sim: Scheduler;
  readonly #link: Link;
  readonly #process: Process;

  constructor(sim: Scheduler, link: Link, process: Process) {
    this.#sim = sim;
    this.#link = link;
    this.#process = process;
  }

  /** Asks as the holder of the run's credential. */
  session<T>(
    name: string,
    budgetMs: number,
    act: (engine: Engine, session: Session) => Promise<T>,
  ): Promise<Reply<T>> {
    const { credential } = this;
    return this.call(name, budgetMs, async (engine) => {
      const session =
        credential === undefined ? undefined : await engine.runner.session(credential);
      if (session === undefined) throw new Refused("refused");
      return act(engine, session);
    });
  }

  /** A refusal inside `act` is an answer; any other error is worth another try. */
  async call<T>(
    name: string,
    budgetMs: number,
    act: (engine: Engine) => Promise<T>,
  ): Promise<Reply<T>> {
    const until = this.#sim.now + budgetMs;
    const answered = async (engine: Engine): Promise<Reply<T>> => {
      try {
        return { kind: "ok", value: await act(engine) };
      } catch (error) {
        if (error instanceof Refused) return { kind: error.reply };
        throw error;
      }
    };
    for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(PAUSE_MAX_MS, pause * 2)) {
      const tried = await this.#link.try(`runner.${name}`, answered);
      if (tried.kind === "answer") return tried.value;
      if (this.#sim.now + pause > until) return { kind: "unreachable" };
      await this.#sim.sleep(pause, this.#process);
    }
  }

  static gone(): never {
    throw new Refused("gone");
  }

  /** An answer that says to try again. */
  static busy(): never {
    throw new Error("busy");
  }
}
