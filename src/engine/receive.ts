import { unreachable } from "../base/unreachable.ts";
import { firstWordOf } from "../core/command/parse-comment.ts";
import { isCentralName } from "../core/config/central.ts";
import type { Happening } from "../core/event.ts";
import type { VcsEvent } from "../core/vcs-event.ts";
import type { Intake, IntakeTarget } from "../ports/engine-store.ts";
import type { EnginePorts } from "./ports.ts";

export type ReceivedAs = "stored" | "duplicate" | "no_target";

/** Stores what a VCS told us. Returns only when it is committed; the caller may then say so (S20). */
export async function receive(
  vcs: string,
  event: VcsEvent,
  ports: EnginePorts,
): Promise<ReceivedAs> {
  // The conclusion is read again from the CI system by the watch; this only makes it look soon.
  if (event.what.kind === "ci_ended") {
    return ports.store.intakeCiEnded(vcs, event.deliveryId, event.what.ciRun);
  }
  const meant = meaning(event, ports.commentWords);
  const { repository, installation } = event;
  const intake: Intake = {
    vcs,
    deliveryId: event.deliveryId,
    repository: { installation, id: repository.id, fullName: repository.fullName },
    defaultBranch: repository.defaultBranch,
    ...meant,
  };
  return ports.store.intake(intake);
}

function meaning(
  event: VcsEvent,
  commentWords: readonly string[],
): {
  readonly target: IntakeTarget;
  readonly happening: Happening;
} {
  const { what, deliveryId: delivery } = event;
  switch (what.kind) {
    case "pull_request":
      return {
        target: { kind: "pull_request", number: what.number },
        happening: { kind: "pull_request_changed", hint: what.action, delivery },
      };
    case "comment": {
      const { commentId, author, body } = what;
      const first = firstWordOf(body);
      // Kept with the event, so that what is decided does not change with the setting.
      const word = commentWords.includes(first) ? { word: first } : {};
      return {
        target: { kind: "pull_request", number: what.number },
        happening: { kind: "commented", commentId, author, body, ...word, delivery },
      };
    }
    case "review":
      return {
        target: { kind: "pull_request", number: what.number },
        happening: { kind: "review_changed", delivery },
      };
    case "merge_group":
      return {
        target: { kind: "pull_request", number: what.number },
        happening: { kind: "merge_group", group: what.group, delivery },
      };
    case "branch_pushed": {
      const { branch, after } = what;
      const { defaultBranch, fullName } = event.repository;
      const isCentral = branch === defaultBranch && isCentralName(fullName);
      const tellOwner = {
        kind: "configuration_moved",
        repository: fullName,
        after,
        delivery,
      } as const;
      return {
        target: { kind: "based_on", branch, ...(isCentral ? { tellOwner } : {}) },
        happening: { kind: "base_moved", after, delivery },
      };
    }
    case "pressed": {
      const { actor, button, head } = what;
      return {
        target: { kind: "pull_request", number: what.number },
        happening: { kind: "button_pressed", actor, text: `terrane ${button}`, head, delivery },
      };
    }
    case "ci_ended":
      throw new TypeError("a CI event is no pull request event");
    default:
      return unreachable(what);
  }
}
