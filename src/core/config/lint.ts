import { isGlob, parseGlob } from "../change/glob.ts";
import { formatNode } from "../query/format.ts";
import { lex } from "../query/lexer.ts";
import { parseQuery } from "../query/parser.ts";
import type { Finding } from "./finding.ts";
import { lintApprovals } from "./lint-approvals.ts";
import { lintUnsupported } from "./lint-unsupported.ts";
import { parsePattern } from "./pattern.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { queriesOf, whenModifiedOf } from "./raw-walk.ts";
import { filePatternBody } from "./schema/helpers.ts";

/** What is allowed, and does not work, or probably not as its author thinks. */
export function lint(raw: RawConfig, findings: Finding[]): void {
  lintUnsupported(raw, findings);
  lintBuilders(raw, findings);
  for (const { value, path } of whenModifiedOf(raw)) {
    for (const [index, pattern] of (value.file_patterns ?? []).entries()) {
      const at = [...path, "file_patterns", index];
      lintGlob(filePatternBody(pattern), at, findings, { atKey: false });
    }
  }
  for (const key of Object.keys(raw.dirs ?? {})) {
    if (isGlob(key)) lintGlob(key, ["dirs", key], findings, { atKey: true });
  }
  for (const { value, path } of queriesOf(raw)) lintQuery(value, path, findings);
  lintApprovals(raw, findings);
  lintIgnoredChecks(raw, findings);
  lintCounts(raw, findings);
  lintFiles(raw, findings);
  lintDrift(raw, findings);
}

/** Whoever switches one on expects something to run. */
function lintBuilders(raw: RawConfig, findings: Finding[]): void {
  for (const key of ["tree_builder", "config_builder"] as const) {
    const builder = raw[key];
    if (builder?.enabled !== true || (builder.script ?? "").trim() !== "") continue;
    findings.push({
      severity: "warning",
      code: "missing_key",
      message: `\`${key}\` is enabled and has no \`script\`, so nothing is run`,
      path: [key],
      atKey: true,
    });
  }
}

function lintGlob(
  glob: string,
  path: Path,
  findings: Finding[],
  at: { readonly atKey: boolean },
): void {
  const parsed = parseGlob(glob);
  if (parsed.kind === "error") return;
  for (const message of parsed.warnings) {
    findings.push({ severity: "warning", code: "pattern", message, path, ...at });
  }
}

function lintQuery(text: string, path: Path, findings: Finding[]): void {
  const parsed = parseQuery(text);
  if (parsed.kind === "error") return;
  for (const { message } of parsed.warnings) {
    findings.push({ severity: "warning", code: "tag_query", message, path });
  }
  const lexed = lex(text);
  const old =
    lexed.kind === "ok" &&
    lexed.tokens.some((token) => token.kind === "tag" && token.value.startsWith("dir~"));
  if (!old || parsed.query.root === null) return;
  const suggestion = formatNode(parsed.query.root);
  findings.push({
    severity: "warning",
    code: "deprecated",
    message: `\`dir~\` is deprecated: write \`${suggestion}\``,
    path,
    suggestion,
  });
}

/** Such an entry is accepted, because the title of a check may be any text. */
function lintIgnoredChecks({ apply_requirements: rules }: RawConfig, findings: Finding[]): void {
  for (const [check, { status_checks: checks }] of (rules?.checks ?? []).entries()) {
    for (const [index, entry] of (checks?.ignore_matching ?? []).entries()) {
      const parsed = parsePattern(entry);
      if (parsed.kind === "ok") continue;
      findings.push({
        severity: "warning",
        code: "pattern",
        message: `this only counts as the exact title of a check, because it cannot be read as a pattern: ${parsed.message}`,
        path: ["apply_requirements", "checks", check, "status_checks", "ignore_matching", index],
      });
    }
  }
}

function lintCounts(raw: RawConfig, findings: Finding[]): void {
  const counts: readonly (readonly [Path, number | null | undefined])[] = [
    [["parallel_runs"], raw.parallel_runs],
    [["batch_runs", "max_workspaces_per_batch"], raw.batch_runs?.max_workspaces_per_batch],
  ];
  for (const [path, value] of counts) {
    if (typeof value !== "number" || value >= 1) continue;
    findings.push({
      severity: "warning",
      code: "wrong_value",
      message: `\`${path.join(".")}\` is ${value}, which counts as 1`,
      path,
      suggestion: "1",
    });
  }
}

function lintFiles(raw: RawConfig, findings: Finding[]): void {
  for (const file of Object.keys(raw.access_control?.files ?? {})) {
    if (!isGlob(file)) continue;
    findings.push({
      severity: "warning",
      code: "never_matches",
      message: `\`${file}\` is read as the name of one file; patterns are not expanded here`,
      path: ["access_control", "files", file],
      atKey: true,
    });
  }
}

function lintDrift({ drift }: RawConfig, findings: Finding[]): void {
  if (drift?.enabled === true && Object.keys(drift.schedules ?? {}).length === 0) {
    findings.push({
      severity: "warning",
      code: "missing_key",
      message: "`drift` is enabled without `schedules`, so that nothing ever runs",
      path: ["drift"],
      atKey: true,
    });
  }
  for (const [name, { window }] of Object.entries(drift?.schedules ?? {})) {
    if (!window || window.start.trim() !== window.end.trim()) continue;
    findings.push({
      severity: "warning",
      code: "time",
      message: "a window that ends when it starts is the whole day; leave it out, or set `end`",
      path: ["drift", "schedules", name, "window", "end"],
    });
  }
}
