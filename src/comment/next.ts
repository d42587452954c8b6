import { count } from "../base/text.ts";
import { isDone } from "../core/phase.ts";
import { code } from "./escape.ts";
import { hasErrors, having, inOrder } from "./standing.ts";
import type { CommentView, DirspaceReport, GateReport } from "./view.ts";
import { dirspaceName, enumerate, NAME_CHARS_MAX } from "./words.ts";

/** What the waiting dirspaces of the pull request wait for. */
export function waitsFor(view: CommentView): readonly string[] {
  const waiting = having(view, "waiting");
  const keys = [...new Set(waiting.flatMap((report) => report.waitingFor))].toSorted();
  if (keys.length === 0) return [];
  const list = enumerate(keys.map((key) => code(dirspaceName(key), NAME_CHARS_MAX)));
  const are = keys.length === 1 ? "is" : "are";
  return [`**Waiting:** ${count(waiting.length, "dirspace")} until ${list} ${are} applied.`];
}

/** What people can do now, for the whole pull request and in one place. */
export function next(view: CommentView): readonly string[] {
  const commands = nextCommands(view);
  if (commands.length === 0) return [];
  const parts = commands.map(({ command, does }) =>
    command === undefined ? does : `${code(command)} ${does}`,
  );
  return [`**Next:** ${parts.join(" · ")}`];
}

interface NextCommand {
  /** Undefined for what people do outside of Terrane. */
  readonly command: string | undefined;
  readonly does: string;
}

function nextCommands(view: CommentView): readonly NextCommand[] {
  if (view.state === "closed") return ownsLocks(view) ? [UNLOCK] : [];
  if (hasErrors(view)) return [];
  const commands = [...applyCommands(view)];
  const again = having(view, "plan_failed", "apply_failed", "stale");
  const unplanned = having(view, "unplanned");
  if (again.length > 0) {
    commands.push({ command: "terrane plan", does: "plans again" });
  } else if (unplanned.length > 0) {
    commands.push({
      command: "terrane plan",
      does: `plans ${count(unplanned.length, "dirspace")}`,
    });
  }
  if (
    view.state === "open" &&
    ownsLocks(view) &&
    view.dirspaces.every(({ phase }) => isDone(phase))
  ) {
    commands.push({ command: undefined, does: "merge the pull request" });
  }
  if (ownsLocks(view)) commands.push(UNLOCK);
  return commands;
}

function applyCommands(view: CommentView): readonly NextCommand[] {
  // Locks are contagious: an apply of any of it would be refused.
  const planned = view.othersFirst ? [] : having(view, "planned");
  if (planned.length === 0) return [];
  const gates = (view.gates ?? []).filter(({ passedBy }) => passedBy.length === 0);
  const held = new Set(gates.flatMap(({ dirspaces }) => dirspaces));
  const free = planned.filter(({ key }) => !held.has(key));
  const [gate] = gates;
  // Whoever asks for all of it is refused as long as a gate holds a part.
  const first =
    gate === undefined
      ? { command: "terrane apply", does: `applies ${count(planned.length, "plan")}` }
      : gateCommand(gate);
  const one = planned.length > 1 ? inOrder(free).find(hasPlainDir) : undefined;
  if (one === undefined) return [first];
  return [first, { command: `terrane apply dir:${one.dir}`, does: "applies only that" }];
}

function gateCommand({ gate: { token } }: GateReport): NextCommand {
  return token === null
    ? { command: undefined, does: "get the reviews that the gate asks for" }
    : { command: `terrane gate approve ${token}`, does: "by somebody the gate asks for" };
}

const UNLOCK: NextCommand = {
  command: "terrane unlock",
  does: "gives up the locks of this pull request",
};

function ownsLocks(view: CommentView): boolean {
  return view.dirspaces.some((report) =>
    report.locks.some((lock) => lock.pullRequest === view.number),
  );
}

/** A directory that needs no quotes in a query, and fits on the line. */
function hasPlainDir(report: DirspaceReport): boolean {
  return /^[A-Za-z0-9_./-]{1,80}$/.test(report.dir) && report.workspace === "default";
}
