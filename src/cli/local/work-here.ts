import { basename } from "node:path";
import type { Failure, UnitResult } from "../../contract/work.ts";
import { type DirspaceKey, dirspaceKey } from "../../core/change/dirspace.ts";
import type { Config } from "../../core/config/config.ts";
import { runSettings } from "../../core/run/settings.ts";
import { type Host, UsageError } from "../host.ts";
import { paint, plain } from "../print.ts";
import { findAffected } from "../workbench/affected.ts";
import {
  type Checkout,
  commitOf,
  currentBranch,
  findCheckout,
  mergeBase,
} from "../workbench/checkout.ts";
import { isError, printDiagnostics } from "../workbench/shown.ts";
import { choose, ordered } from "./choose.ts";
import type { LocalEnd, LocalPlace, LocalRunner, LocalUnit, LocalWork } from "./local-runner.ts";
import { printSummary, type Standing, stateOf, summaryJson } from "./summary.ts";

export interface LocalOptions {
  readonly query?: string;
  readonly base?: string;
  readonly parallel?: number;
  readonly yes?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

const WORKED = 0;
const FAILED = 1;

/** `terrane plan --local` and `terrane apply --local`: gives the exit status. */
export async function workHere(
  host: Host,
  kind: "plan" | "apply",
  dirs: readonly string[],
  options: LocalOptions,
): Promise<0 | 1 | 2> {
  if (kind === "apply" && options.yes !== true && !host.interactive) {
    throw new UsageError(
      "Nobody can be asked here whether to apply: this is no terminal.",
      "Look at `terrane plan --local` first, then add --yes.",
      2,
    );
  }
  const found = await findWork(host, dirs, options);
  if (found === undefined) return FAILED;
  const runner = await host.openLocal(found.place);
  try {
    return await workOn(host, kind, found, { runner, options });
  } finally {
    await runner.close();
  }
}

interface Found {
  readonly place: LocalPlace;
  readonly config: Config;
  readonly units: readonly LocalUnit[];
}

async function findWork(
  host: Host,
  dirs: readonly string[],
  options: LocalOptions,
): Promise<Found | undefined> {
  const checkout = await findCheckout(host.machine, ".");
  if (checkout === undefined) {
    throw new UsageError("This is no git checkout.", "Change into one and try again.", 2);
  }
  if (dirs.length > 0 && options.base !== undefined) {
    throw new UsageError(
      "--base says what to compare with, and directories are worked on whatever changed.",
      "Leave one of them out.",
      2,
    );
  }
  const builders = await host.openBuilders({
    root: checkout.root,
    log: (line) => host.err(paint(host, "dim", plain(line))),
  });
  const compared = dirs.length > 0 ? { diff: "HEAD" } : await since(checkout, options.base);
  const changing = dirs.length > 0 ? "everything" : "changes";
  const touched = await findAffected(host, { repo: ".", ...compared }, changing, builders);
  const { dirspaces, diagnostics, warnings, texts, config } = touched;
  const news = diagnostics.filter((one) => !warnings.includes(one));
  printDiagnostics(host, news, texts, "err");
  if (config === undefined || diagnostics.some(isError)) return undefined;
  const choice = { dirs, prefix: checkout.prefix, query: options.query };
  const units = ordered(choose(dirspaces, choice), dirspaces);
  const branch = (await currentBranch(checkout)) ?? "HEAD";
  const place: LocalPlace = {
    root: checkout.root,
    repository: basename(checkout.root),
    commit: await commitOf(checkout, "HEAD"),
    branch,
    destBranch: options.base ?? touched.destBranch,
  };
  return { place, config, units };
}

/** From where the branch left its base, so that what the base got meanwhile is no change of ours. */
async function since(checkout: Checkout, base: string | undefined) {
  if (base === undefined) return {};
  return { diff: await mergeBase(checkout, await commitOf(checkout, base), "HEAD") };
}

interface Working {
  readonly runner: LocalRunner;
  readonly options: LocalOptions;
}

async function workOn(
  host: Host,
  kind: "plan" | "apply",
  { config, units }: Found,
  { runner, options }: Working,
): Promise<0 | 1> {
  const parallel = options.parallel ?? config.parallelRuns;
  const run = (part: Pick<LocalWork, "kind" | "units">) =>
    runAll(host, runner, { ...part, parallel, settings: runSettings(config, part.kind) }, options);
  const planned = await run({ kind: "plan", units });
  const json = options.json === true;
  const last = (which: "plan" | "apply", { standings, failure }: Ended): 0 | 1 => {
    if (json) host.out(JSON.stringify(summaryJson(which, standings, failure)));
    else printSummary(host, which, standings, failure);
    return isGood(standings, failure) ? WORKED : FAILED;
  };
  if (kind === "plan") return last("plan", planned);
  const plans = plansOf(planned);
  if (planned.gates === undefined) {
    host.err("Nothing is applied: a hook that may ask for approvals did not work, or never ran.");
  } else if (planned.gates.length > 0) {
    host.err("Nothing is applied: a hook asks for an approval. Apply it by a pull request.");
  }
  const toApply = units.filter(({ key }) => plans.has(key));
  // A JSON reader gets one document: that of the apply, where there is one.
  if (toApply.length === 0) return last("plan", planned);
  if (!json) printSummary(host, "plan", planned.standings, planned.failure);
  const failed = !isGood(planned.standings, planned.failure);
  if (failed && options.yes === true) {
    host.err(
      "Nothing was applied: not every plan succeeded. Name the directories to apply the others.",
    );
    if (json) last("plan", planned);
    return FAILED;
  }
  if (options.yes !== true && !(await isConfirmed(host, toApply.length))) {
    host.err("Nothing was applied.");
    if (json) last("plan", planned);
    return FAILED;
  }
  const inApply = new Set(toApply.map(({ key }) => key));
  const applied = await run({
    kind: "apply",
    units: toApply.map((unit) => ({
      ...unit,
      after: unit.after.filter((key) => inApply.has(key)),
      planDigest: plans.get(unit.key)?.planDigest ?? undefined,
    })),
  });
  if (!json) host.out("");
  const standings = applied.standings.map((one) => {
    const plan = plans.get(dirspaceKey(one.dirspace));
    return plan === undefined ? one : { ...one, plan };
  });
  const status = last("apply", { ...applied, standings });
  const waiting = planned.standings.filter((one) => stateOf(one) === "waiting").length;
  if (waiting > 0)
    host.err(`${waiting} waited for these. \`terrane apply --local\` plans them now.`);
  return failed ? FAILED : status;
}

async function isConfirmed(host: Host, n: number): Promise<boolean> {
  const what = n === 1 ? "this plan" : `these ${n} plans`;
  const answer = await host.ask(`Apply ${what} now? Only \`yes\` is taken: `);
  return answer?.trim() === "yes";
}

type Planned = Extract<UnitResult, { outcome: "planned" }>;

/** What may be applied: a gate wants somebody's approval, which only a pull request can hold. */
function plansOf({ standings, gates }: Ended): ReadonlyMap<DirspaceKey, Planned> {
  if (gates?.length !== 0) return new Map();
  return new Map(
    standings.flatMap(({ dirspace, result }): [DirspaceKey, Planned][] =>
      result.outcome === "planned" &&
      result.planDigest !== null &&
      (result.gates ?? []).length === 0
        ? [[dirspaceKey(dirspace), result]]
        : [],
    ),
  );
}

interface Ended extends LocalEnd {
  readonly standings: readonly Standing[];
}

async function runAll(
  host: Host,
  runner: LocalRunner,
  work: LocalWork,
  { verbose }: LocalOptions,
): Promise<Ended> {
  if (work.units.length === 0) return { standings: [], failure: undefined, gates: [] };
  const standings: Standing[] = [];
  const byKey = new Map(work.units.map((unit) => [unit.key, unit.affected.dirspace]));
  const end = await runner.run(work, {
    log: (line) => host.err(paint(host, "dim", plain(line))),
    said: (unit, text) => {
      if (verbose !== true) return;
      for (const line of text.trimEnd().split("\n")) host.err(`[${unit.dir}] ${plain(line)}`);
    },
    ended: ({ dir, workspace }, result, durationMs) => {
      const dirspace = byKey.get(`${dir}:${workspace}` as DirspaceKey);
      if (dirspace === undefined) return;
      const standing = { dirspace, result, durationMs };
      standings.push(standing);
      const seconds = (durationMs / 1_000).toFixed(1);
      host.err(paint(host, "dim", `${plain(dir)}: ${stateOf(standing)} (${seconds} s)`));
    },
  });
  return { standings, ...end };
}

function isGood(standings: readonly Standing[], failure: Failure | undefined): boolean {
  const bad = standings.some((one) => ["failed", "not_started"].includes(stateOf(one)));
  return failure === undefined && !bad;
}
