/**
 * Terminal colours to spans. Our own tokenizer, because the libraries of this kind write HTML with `style` attributes,
 * which the Content-Security-Policy refuses, and HTML made from a tool's output is what an attacker hopes for.
 * Linear in the input; every other escape sequence is dropped.
 */

/** Index into the sixteen colours of the theme. */
export interface Style {
  readonly fg: number | undefined;
  readonly bg: number | undefined;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const PLAIN: Style = {
  fg: undefined,
  bg: undefined,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  inverse: false,
};

/** An escape sequence that is longer is not one. */
const SEQUENCE_CHARS_MAX = 256;

const ESC = "\u001b";
// CSI … final byte; OSC … BEL or ST; other two-character escapes.
const SEQUENCE =
  /^\u001b(?:\[([0-9;:<=>?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-Z\\^-~])/;

/** The spans of one line, the style after it, and an unfinished escape sequence at its end. */
export function spansOf(
  text: string,
  start: Style,
): { readonly spans: readonly Span[]; readonly style: Style; readonly rest: string } {
  const spans: Span[] = [];
  let style = start;
  let at = 0;
  while (at < text.length) {
    const escape = text.indexOf(ESC, at);
    const stop = escape === -1 ? text.length : escape;
    if (stop > at) spans.push({ text: text.slice(at, stop), style });
    if (escape === -1) break;
    const found = SEQUENCE.exec(text.slice(escape, escape + SEQUENCE_CHARS_MAX));
    if (found === null) {
      if (text.length - escape < SEQUENCE_CHARS_MAX && !text.includes("\n", escape)) {
        return { spans, style, rest: text.slice(escape) };
      }
      at = escape + 1;
      continue;
    }
    if (found[2] === "m") style = restyle(style, found[1] ?? "");
    at = escape + found[0].length;
  }
  return { spans, style, rest: "" };
}

function restyle(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let style = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extended(codes.slice(i + 1, i + 5));
      if (color !== undefined)
        style = code === 38 ? { ...style, fg: color } : { ...style, bg: color };
      i += used;
    } else {
      style = simple(style, code);
    }
  }
  return style;
}

const SWITCHES: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { fg: undefined },
  49: { bg: undefined },
};

function simple(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 92 };
  return { ...style, ...SWITCHES[code] };
}

/** 256 colours and true colour become the nearest of the sixteen: those are readable in both themes. */
function extended(codes: readonly number[]): { color: number | undefined; used: number } {
  if (codes[0] === 5) return { color: fromPalette(codes[1] ?? 0), used: 2 };
  if (codes[0] === 2)
    return { color: nearest(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), used: 4 };
  return { color: undefined, used: 0 };
}

function fromPalette(index: number): number {
  if (index < 16) return index;
  if (index >= 232) return index < 240 ? 8 : index < 250 ? 7 : 15;
  const cube = index - 16;
  const level = (n: number) => (n === 0 ? 0 : 55 + 40 * n);
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(r: number, g: number, b: number): number {
  const max = Math.max(r, g, b);
  if (max < 60) return 0;
  if (max - Math.min(r, g, b) < 40) return max > 200 ? 15 : max > 130 ? 7 : 8;
  const on = (n: number) => (n > max * 0.6 ? 1 : 0);
  return on(r) + 2 * on(g) + 4 * on(b) + (max > 220 ? 8 : 0);
}
