import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

/** What a colour means, everywhere. Never the only carrier: an icon and a word stand beside it. */
export type Tone = "neutral" | "running" | "ready" | "good" | "warn" | "bad" | "odd";

export interface Word {
  readonly label: string;
  readonly icon: IconName;
  readonly tone: Tone;
  /** One sentence for the tooltip and for screen readers on demand. */
  readonly meaning: string;
}

export function Badge(props: { readonly word: Word }): ReactElement {
  const { word } = props;
  return (
    <span className="badge" data-tone={word.tone} title={word.meaning}>
      <Icon name={word.icon} size={14} />
      {word.label}
    </span>
  );
}

export function Chip(props: {
  readonly children: ReactNode;
  readonly title?: string;
}): ReactElement {
  return (
    <span className="chip" title={props.title}>
      {props.children}
    </span>
  );
}
