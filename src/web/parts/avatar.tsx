import type { ReactElement } from "react";

const HUES = 12;

/** Initials on a colour that belongs to the login; no picture is fetched from anywhere. */
export function Avatar(props: { readonly login: string }): ReactElement {
  let sum = 0;
  for (const char of props.login) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973;
  const initials = props.login.replace(/[^A-Za-z0-9]/g, "").slice(0, 2);
  return (
    <span className="avatar" data-hue={sum % HUES} aria-hidden="true">
      {initials}
    </span>
  );
}
