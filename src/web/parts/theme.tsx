import { type ReactElement, useEffect } from "react";
import { Icon, type IconName } from "./icon.tsx";
import { read, useStored } from "./stored.ts";

type Theme = "system" | "light" | "dark";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const WORDS: Readonly<Record<Theme, { readonly icon: IconName; readonly label: string }>> = {
  system: { icon: "system", label: "as the system" },
  light: { icon: "sun", label: "light" },
  dark: { icon: "moon", label: "dark" },
};

/** Before the first paint, so that no wrong colours flash. */
export function applyTheme(theme: string | null = read("theme")): void {
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
}

export function ThemeButton(): ReactElement {
  const [stored, setStored] = useStored("theme");
  const theme: Theme = stored === "light" || stored === "dark" ? stored : "system";
  useEffect(() => applyTheme(theme), [theme]);
  const label = `Theme: ${WORDS[theme].label}`;
  return (
    <button
      type="button"
      className="button ghost icon-only"
      aria-label={label}
      title={label}
      onClick={() => setStored(NEXT[theme])}
    >
      <Icon name={WORDS[theme].icon} />
    </button>
  );
}
