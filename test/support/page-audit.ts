import type { Page } from "playwright-core";

/** WCAG 2.2 AA for text below and above 24 px. */
const CONTRAST_MIN = 4.5;
const CONTRAST_LARGE_MIN = 3;

/** What a screen reader or a weak eye would stumble over; empty is good. */
export async function audit(page: Page): Promise<readonly string[]> {
  const limits = { small: CONTRAST_MIN, large: CONTRAST_LARGE_MIN };
  return [...(await page.evaluate(structure)), ...(await page.evaluate(contrast, limits))];
}

/** Runs in the page, so it may use nothing from outside. */
function structure(): string[] {
  const found: string[] = [];
  const hosts = [...document.querySelectorAll("*")].filter((one) => one.shadowRoot !== null);
  const roots = [document, ...hosts.flatMap((host) => host.shadowRoot ?? [])];
  const all = (selector: string) =>
    roots.flatMap((root) => [...root.querySelectorAll<HTMLElement>(selector)]);
  const shown = (element: HTMLElement) => element.checkVisibility({ visibilityProperty: true });
  const name = (element: HTMLElement) => {
    const labelled = element.getAttribute("aria-labelledby");
    const label = element.closest("label") ?? document.querySelector(`label[for="${element.id}"]`);
    return (
      element.getAttribute("aria-label") ??
      (labelled === null ? null : document.getElementById(labelled)?.textContent) ??
      (element.matches("input, select, textarea") ? label?.textContent : element.textContent) ??
      ""
    ).trim();
  };
  const show = (element: HTMLElement) => element.outerHTML.slice(0, 120);

  if (document.documentElement.lang === "") found.push("The page has no language.");
  if (document.title === "") found.push("The page has no title.");
  if (all("main").length !== 1) found.push(`There are ${all("main").length} main landmarks.`);
  if (all("h1").filter(shown).length !== 1) found.push("There is not exactly one first heading.");
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6").filter(shown)) {
    const next = Number(heading.tagName.slice(1));
    if (next > level + 1) found.push(`A heading skips a level: ${show(heading)}`);
    level = next;
  }
  for (const element of all(
    "button, a[href], input, select, textarea, summary, [role=textbox]",
  ).filter(shown)) {
    if (name(element) === "") found.push(`It has no name: ${show(element)}`);
  }
  for (const element of all("nav, aside, [role=region], [role=log], [role=group]").filter(shown)) {
    if (!element.hasAttribute("aria-label") && !element.hasAttribute("aria-labelledby")) {
      found.push(`The landmark has no name: ${show(element)}`);
    }
  }
  for (const table of all("main .table")) {
    if (table.querySelector("caption") === null) found.push(`No caption: ${show(table)}`);
  }
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) {
    found.push(`The id ${id} occurs twice.`);
  }
  for (const element of all("[aria-controls], [aria-describedby], [aria-activedescendant]")) {
    for (const attribute of ["aria-controls", "aria-describedby", "aria-activedescendant"]) {
      const id = element.getAttribute(attribute);
      if (id !== null && document.getElementById(id) === null)
        found.push(`${attribute} ${id} is nowhere.`);
    }
  }
  return found;
}

/** Runs in the page. Colours go through a canvas, which knows every notation. */
function contrast(limits: { small: number; large: number }): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return ["There is no canvas."];
  const paint = (colors: readonly string[]): readonly number[] => {
    context.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb: readonly number[]) => {
    const [r = 0, g = 0, b = 0] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Set<string>();
  const texts: Node[] = [];
  const collect = (root: Node) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node instanceof Text) texts.push(node);
      else if (node instanceof Element && node.shadowRoot !== null) collect(node.shadowRoot);
    }
  };
  collect(document.body);
  const above = (element: Element): Element | null => {
    const root = element.getRootNode();
    return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  };
  for (const node of texts) {
    const element = node.parentElement;
    if (element === null || (node.textContent ?? "").trim() === "") continue;
    if (element.closest(".visually-hidden, :disabled, noscript, script, option, [aria-hidden]"))
      continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const behind: string[] = [];
    for (let at: Element | null = element; at !== null; at = above(at)) {
      behind.unshift(getComputedStyle(at).backgroundColor);
    }
    const style = getComputedStyle(element);
    const back = luminance(paint(behind));
    const front = luminance(paint([...behind, style.color]));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const large = Number.parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? limits.large : limits.small)) {
      found.add(
        `${ratio.toFixed(2)} is too little contrast: ${element.className} "${(node.textContent ?? "").slice(0, 40)}"`,
      );
    }
  }
  return [...found];
}
