import { unreachable } from "../base/unreachable.ts";
import type { Account, AttemptId, InstallationId, PullRequestId } from "../core/ids.ts";
import type { VcsEvent } from "../core/vcs-event.ts";
import type { Received } from "../ports/vcs.ts";
import { type Advanced, advance } from "./advance.ts";
import { type CompatibleDoor, compatibleDoor } from "./compatible-door.ts";
import { guardCluster, type Quarantine } from "./guard.ts";
import { lapseTurns } from "./lapse-turns.ts";
import { newEventId, perform } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";
import { type ReceivedAs, receive } from "./receive.ts";
import { reconcile } from "./reconcile.ts";
import { type RunnerDoor, runnerDoor } from "./runner-door.ts";
import { lookAtStanding } from "./standing.ts";
import { askCi, attemptOver, jobIsOver, watchAttempts } from "./watch.ts";

/** The shell around the core: moves events in and effects out. All state is in the store. */
export interface Engine {
  /** A happening of the VCS; committed when this returns (S20). */
  receive(vcs: string, event: VcsEvent): Promise<ReceivedAs>;
  /** The outcome of a webhook receiver, stored where it is authentic. */
  deliver(vcs: string, received: Exclude<Received, { kind: "rejected" }>): Promise<ReceivedAs>;
  /** A command from another door than a comment. */
  command(
    pullRequest: PullRequestId,
    actor: Account,
    text: string,
    via: "api" | "dashboard" | "cli",
  ): Promise<void>;
  /** Task `advance`: decides the next event of a pull request. */
  advance(pullRequest: PullRequestId): Promise<Advanced>;
  /** Task `perform`: performs one effect. */
  perform(key: string): Promise<void>;
  /** Task `admit`: starts what may start of an installation's CI jobs. */
  admit(installation: InstallationId): Promise<void>;
  /** The CI adapter noticed that a job is over. */
  ciEnded(attempt: AttemptId, conclusion: string): Promise<void>;
  /** Looks after what nobody reports on; call every few seconds. Gives how much no webhook had told us. */
  tick(): Promise<{ readonly recovered: number }>;
  /** As last seen by this server. */
  quarantine(): Quarantine | undefined;
  readonly runner: RunnerDoor;
  readonly compatible: CompatibleDoor;
}

export function createEngine(ports: EnginePorts): Engine {
  let quarantine: Quarantine | undefined;
  const runner = runnerDoor(ports);
  return {
    receive: (vcs, event) => receiveAndLook(vcs, event, ports),
    async deliver(vcs, received) {
      switch (received.kind) {
        case "event":
          return receiveAndLook(vcs, received.event, ports);
        case "doubt":
          return ports.store.intakeDoubt(vcs, received.deliveryId, received.doubt);
        case "ignored":
          await ports.store.noteIgnored(vcs, received.deliveryId, received.because, received.about);
          return "no_target";
        default:
          return unreachable(received);
      }
    },
    command: (pullRequest, actor, text, via) =>
      ports.store.append(pullRequest, newEventId(ports), {
        kind: "command_given",
        actor,
        text,
        via,
      }),
    advance: (pullRequest) => advance(pullRequest, ports),
    perform: (key) => perform(key, ports),
    async admit(installation) {
      while ((await ports.store.admit(installation, ports.limits.jobs)).more);
    },
    ciEnded: (attempt, conclusion) => attemptOver(attempt, conclusion, ports),
    async tick() {
      quarantine = await guardCluster(ports);
      await lookAtStanding(ports);
      await watchAttempts(ports);
      await lapseTurns(ports);
      await ports.store.wakeOverdue();
      return { recovered: await reconcile(ports) };
    },
    quarantine: () => quarantine,
    runner,
    compatible: compatibleDoor(ports, runner),
  };
}

async function receiveAndLook(
  vcs: string,
  event: VcsEvent,
  ports: EnginePorts,
): Promise<ReceivedAs> {
  const as = await receive(vcs, event, ports);
  if (event.what.kind === "ci_ended" && as === "stored") {
    const attempt = await ports.store.attemptOfCiRun(vcs, event.what.ciRun);
    if (attempt?.runOver === true) await jobIsOver(attempt, ports);
    else if (attempt !== undefined) await askCi(attempt, ports);
  }
  return as;
}
