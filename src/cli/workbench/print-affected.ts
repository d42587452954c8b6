import { count } from "../../base/text.ts";
import type { Affected } from "../../core/change/affected.ts";
import { becauseText } from "../../core/change/because-text.ts";
import { type Dirspace, dirspaceKey } from "../../core/change/dirspace.ts";
import { whyText } from "../../core/change/why-text.ts";
import { IMPLICIT_STACK } from "../../core/config/stack.ts";
import type { Host } from "../host.ts";
import { paint, plain } from "../print.ts";
import type { AffectedAnswer } from "./affected.ts";
import { isError, printDiagnostics } from "./shown.ts";

/** The documented shape: keys are added to it, never changed or taken away. */
export function affectedJson({ dirspaces, diagnostics, why }: AffectedAnswer): object {
  return {
    dirspaces: dirspaces.map((one) => ({
      dir: one.dirspace.dir,
      workspace: one.dirspace.workspace,
      wave: one.wave,
      tags: one.tags,
      workflow: one.workflow.index ?? null,
      because: one.because.map((reason) => ({ ...reason, text: becauseText(reason) })),
      predecessors: one.predecessors,
      stack: one.stack,
      autoplan: one.autoplan,
      autoplanDraft: one.autoplanDraft,
      autoapply: one.autoapply,
      engine: one.workflow.engine.name,
      environment: one.workflow.environment ?? null,
      lockPolicy: one.workflow.lockPolicy,
      lockBranchTarget: one.lockBranchTarget,
      createAndSelectWorkspace: one.createAndSelectWorkspace,
    })),
    diagnostics,
    ...(why === undefined
      ? {}
      : {
          why: {
            affected: why.affected,
            reasons: why.reasons.map((reason) => ({ ...reason, text: whyText(reason) })),
          },
        }),
  };
}

/** Waves as groups; findings go to standard error. */
export function printAffected(host: Host, answer: AffectedAnswer): void {
  const { dirspaces, diagnostics, warnings, texts, why } = answer;
  const known = new Set(warnings);
  printDiagnostics(
    host,
    diagnostics.filter((one) => !known.has(one)),
    texts,
    "err",
  );
  if (warnings.length > 0) {
    const text = `${count(warnings.length, "warning")} about the configuration; see \`terrane config check\`.`;
    host.err(paint(host, "dim", text));
  }
  if (why !== undefined) {
    host.out(paint(host, "bold", why.affected ? "Affected." : "Not affected."));
    for (const reason of why.reasons) host.out(`  ${plain(whyText(reason))}`);
    return;
  }
  // What stands above says why nothing is known.
  if (diagnostics.some(isError)) return;
  // They come by wave.
  let last = -1;
  for (const one of dirspaces) {
    if (one.wave !== last) host.out(paint(host, "bold", `Wave ${one.wave}`));
    last = one.wave;
    printDirspace(host, one);
  }
  const waves = new Set(dirspaces.map(({ wave }) => wave)).size;
  host.out(
    dirspaces.length === 0
      ? "Nothing is affected. Ask about a directory or a file with --why."
      : `${count(dirspaces.length, "dirspace")} in ${count(waves, "wave")}.`,
  );
}

function printDirspace(host: Host, one: Affected): void {
  const { dirspace, because, predecessors, tags } = one;
  // What goes without saying.
  const own = new Set([
    `dir:${dirspace.dir}`,
    `workspace:${dirspace.workspace}`,
    `stack_name:${IMPLICIT_STACK}`,
  ]);
  const others = tags.filter((tag) => !own.has(tag));
  host.out(`  ${paint(host, "blue", plain(dirspaceKey(dirspace)))}`);
  for (const reason of because) host.out(`    because  ${plain(becauseText(reason))}`);
  if (predecessors.length > 0) host.out(`    after    ${plain(names(predecessors))}`);
  if (others.length > 0) host.out(`    tags     ${plain(others.join(", "))}`);
  host.out(`    runs     ${plain(runs(one))}`);
}

const NAMED_MAX = 10;

function names(dirspaces: readonly Dirspace[]): string {
  const named = dirspaces.slice(0, NAMED_MAX).map(dirspaceKey).join(", ");
  const more = dirspaces.length - NAMED_MAX;
  return more > 0 ? `${named} and ${more} more` : named;
}

/** "plan init, plan; apply init, apply (terraform, workflows[0])". */
function runs({ workflow, autoplan, autoapply }: Affected): string {
  const steps = (list: readonly { readonly type: string }[]): string =>
    list.map(({ type }) => type).join(", ") || "nothing";
  const from = workflow.index === undefined ? "built-in workflow" : `workflows[${workflow.index}]`;
  const notes = [
    workflow.engine.name,
    from,
    ...(autoplan ? [] : ["planned on command only"]),
    ...(autoapply ? ["applied without a command"] : []),
  ];
  return `${steps(workflow.plan)}; ${steps(workflow.apply)} (${notes.join(", ")})`;
}

/** The order as a graph for Graphviz: an arrow leads to what waits. */
export function affectedDot({ dirspaces }: AffectedAnswer): string {
  const lines = dirspaces.flatMap(({ dirspace, wave, predecessors }) => [
    `  ${quoted(dirspaceKey(dirspace))} [label=${quoted(`${dirspaceKey(dirspace)}\nwave ${wave}`)}];`,
    ...predecessors.map(
      (before) => `  ${quoted(dirspaceKey(before))} -> ${quoted(dirspaceKey(dirspace))};`,
    ),
  ]);
  return ["digraph affected {", "  rankdir=LR;", "  node [shape=box];", ...lines, "}"].join("\n");
}

function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `"${plain(escaped)}"`;
}
