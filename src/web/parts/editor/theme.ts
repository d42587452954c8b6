import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const UNDERLINE = { textDecorationSkipInk: "none", textUnderlineOffset: "3px" };

/**
 * Our own tokens, which reach into a shadow root because custom properties are inherited. They know both
 * themes, so the editor needs only this one.
 */
export const theme = EditorView.theme({
  "&": {
    color: "var(--text)",
    backgroundColor: "var(--surface)",
    fontSize: "13px",
    borderRadius: "var(--radius)",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-1px" },
  ".cm-scroller": {
    fontFamily: "var(--mono)",
    lineHeight: "1.6",
    minHeight: "16rem",
    maxHeight: "62vh",
    overflow: "auto",
    borderRadius: "var(--radius)",
  },
  ".cm-content": { caretColor: "var(--text)", padding: "0.6rem 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "color-mix(in oklab, var(--accent) 24%, transparent)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--hover) 60%, transparent)" },
  ".cm-gutters": {
    backgroundColor: "var(--sunken)",
    color: "var(--muted)",
    border: "0",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)", color: "var(--text)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in oklab, var(--accent) 18%, transparent)",
    color: "inherit",
  },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": {
    backgroundColor: "var(--bad-soft)",
    color: "inherit",
  },
  ".cm-lintRange": { backgroundImage: "none", paddingBottom: "0" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad)", ...UNDERLINE },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warn)", ...UNDERLINE },
  ".cm-lintRange-active": { backgroundColor: "var(--warn-soft)" },
  ".cm-lint-marker": { width: "0.75em", height: "0.75em", marginTop: "0.2em" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)", borderRadius: "50%" },
  ".cm-lint-marker-warning": {
    content: "none",
    backgroundColor: "var(--warn)",
    clipPath: "polygon(50% 0, 100% 100%, 0 100%)",
  },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-small)",
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    boxShadow: "var(--shadow-high)",
    maxWidth: "min(34rem, 86vw)",
    overflow: "hidden",
  },
  ".cm-diagnostic": { padding: "0.4rem 0.7rem", fontFamily: "var(--sans)", lineHeight: "1.45" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warn)" },
  ".cm-diagnostic code": { fontFamily: "var(--mono)", fontSize: "0.92em" },
  ".cm-diagnosticAction": {
    padding: "0.1rem 0.55rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    fontFamily: "var(--sans)",
  },
});

/** Few colours: keys, texts, names that refer to something, and what is not said by itself. */
export const highlighting = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.labelName, tags.typeName, tags.keyword], color: "var(--odd)" },
  { tag: [tags.lineComment, tags.meta], color: "var(--muted)", fontStyle: "italic" },
  {
    tag: [tags.separator, tags.punctuation, tags.brace, tags.squareBracket],
    color: "var(--muted)",
  },
]);
