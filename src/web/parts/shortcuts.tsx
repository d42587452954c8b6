import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { HelpDialog } from "./help-dialog.tsx";
import { useStored } from "./stored.ts";

/** The second key of `g …` has to follow within this time. */
const SEQUENCE_MS = 1_200;

const PLACES: Readonly<Record<string, "/" | "/runs" | "/locks" | "/configuration">> = {
  p: "/",
  r: "/runs",
  l: "/locks",
  c: "/configuration",
};

/**
 * All keys in one place. Rows say `data-row`, the filter `data-filter`, the comment box `data-composer`, so pages need
 * no handlers of their own. Single keys can be switched off in the help (WCAG 2.1.4).
 */
export function Shortcuts(props: {
  readonly helpOpen: boolean;
  readonly setHelpOpen: (open: boolean) => void;
}): ReactElement | null {
  const navigate = useNavigate();
  const [stored, setStored] = useStored("shortcuts");
  const [waiting, setWaiting] = useState(false);
  const since = useRef(0);
  const enabled = stored !== "off";
  const { setHelpOpen } = props;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "?") return act(event, () => setHelpOpen(true));
      if (!enabled) return;
      const place = PLACES[event.key];
      const inSequence = event.timeStamp - since.current < SEQUENCE_MS;
      since.current = event.key === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      setWaiting(event.key === "g");
      if (inSequence && place !== undefined) return act(event, () => void navigate({ to: place }));
      if (event.key === "j") return act(event, () => moveRow(1));
      if (event.key === "k") return act(event, () => moveRow(-1));
      if (event.key === "/") return act(event, () => focusOn("[data-filter]"));
      if (event.key === "c") return act(event, () => focusOn("[data-composer]"));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [enabled, navigate, setHelpOpen]);

  useEffect(() => {
    if (!waiting) return undefined;
    const timer = window.setTimeout(() => setWaiting(false), SEQUENCE_MS);
    return () => window.clearTimeout(timer);
  }, [waiting]);

  if (props.helpOpen) {
    return (
      <HelpDialog
        enabled={enabled}
        onEnable={(on) => setStored(on ? null : "off")}
        onClose={() => setHelpOpen(false)}
      />
    );
  }
  return waiting ? (
    <div className="sequence" aria-hidden="true">
      <kbd>g</kbd> then <kbd>p</kbd> <kbd>r</kbd> <kbd>l</kbd> <kbd>c</kbd>
    </div>
  ) : null;
}

function act(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, [data-typing]") !== null
  );
}

function focusOn(selector: string): void {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  found?.scrollIntoView({ block: "nearest" });
}

function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row]")];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by;
  const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
