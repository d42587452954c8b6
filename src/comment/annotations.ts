import { truncateEnd } from "../base/text.ts";
import type { Annotation } from "../core/annotation.ts";
import { compareText } from "../core/change/dirspace.ts";
import { stopOf } from "../core/notice.ts";
import { sanitize } from "./escape.ts";
import type { CommentView, DirspaceReport } from "./view.ts";
import { dirspaceName } from "./words.ts";

/** As many as one call may carry. */
const ANNOTATIONS_MAX = 50;
const MESSAGE_CHARS_MAX = 2_000;
const TITLE_CHARS_MAX = 200;

/** Findings that have a place: of the configuration first, then of plans and applies that failed. */
export function annotationsOf(view: CommentView): readonly Annotation[] {
  const reasons = stopOf(view.notice) ?? view.notice?.reasons;
  const stopping = reasons?.flatMap((reason) =>
    reason.code === "config_invalid" ? reason.diagnostics : [],
  );
  const configured = [...(stopping ?? []), ...view.diagnostics].flatMap(
    (one): readonly Annotation[] => {
      if (!isPath(one.file)) return [];
      const level = one.severity === "error" ? "failure" : "warning";
      const instead = one.suggestion === undefined ? "" : ` Use \`${one.suggestion}\` instead.`;
      return [
        { ...placed(one.file, one.line), level, ...told("Configuration", one.message + instead) },
      ];
    },
  );
  const failed = view.dirspaces
    .filter(({ phase }) => phase === "plan_failed" || phase === "apply_failed")
    .toSorted((a, b) => compareText(a.key, b.key))
    .flatMap(ofFailure);
  return [...configured, ...failed].slice(0, ANNOTATIONS_MAX);
}

/** A file of the repository: those of elsewhere are named with what they are. */
function isPath(file: string): boolean {
  return !/[\s:]/.test(file);
}

/** `Error: Unsupported argument` and below it, after a frame or without one, `on main.tf line 3, in resource …:`. */
const ERROR = /^[\s│]*Error: (.+)$/;
const PLACE = /^[\s│]*on (\S+) line (\d{1,7})(?:[,:]|$)/;
/** Between the two stands nothing but frames. */
const LINES_BETWEEN_MAX = 4;
/** What is said below the code that is shown. */
const LINES_TOLD_MAX = 12;

/** As terraform and everything made from it says where an error is; other tools have no common way. */
function ofFailure({ dir, key, failure }: DirspaceReport): readonly Annotation[] {
  if (failure === undefined) return [];
  const lines = sanitize(failure.tail).split("\n");
  return lines.flatMap((line, at): readonly Annotation[] => {
    const summary = ERROR.exec(line)?.[1];
    if (summary === undefined) return [];
    const below = lines.slice(at + 1, at + 1 + LINES_BETWEEN_MAX);
    const index = below.findIndex((one) => PLACE.test(one));
    const [, file = "", number = ""] = PLACE.exec(below[index] ?? "") ?? [];
    const path = within(dir, file);
    if (path === undefined || Number(number) < 1) return [];
    const rest = lines.slice(at + index + 2);
    const end = rest.findIndex((one) => ERROR.test(one));
    const detail = (end === -1 ? rest : rest.slice(0, end)).slice(0, LINES_TOLD_MAX).map(unframed);
    const message = detail.join("\n").trim() || summary;
    const title = `${dirspaceName(key)}: ${summary}`;
    return [{ ...placed(path, Number(number)), level: "failure", ...told(title, message) }];
  });
}

function placed(path: string, line: number): Pick<Annotation, "path" | "line"> {
  return { path, line };
}

function told(title: string, message: string): Pick<Annotation, "title" | "message"> {
  return {
    title: truncateEnd(title, TITLE_CHARS_MAX),
    message: truncateEnd(message, MESSAGE_CHARS_MAX),
  };
}

function unframed(line: string): string {
  return line.replace(/^\s*[│╵╷] ?/, "").trimEnd();
}

/** Tools name files from where they run; what lies outside of the repository has no place in it. */
function within(dir: string, file: string): string | undefined {
  if (file === "" || file.startsWith("/")) return undefined;
  const parts: string[] = [];
  for (const part of [...dir.split("/"), ...file.split("/")]) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}
