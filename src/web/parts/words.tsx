import type { ReactElement } from "react";

/** Sentences of the server: backquotes mark values and commands, nothing else in them means anything. */
export function Words(props: { readonly text: string }): ReactElement {
  return (
    <>
      {props.text
        .split("`")
        .map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}
    </>
  );
}

/** The same where only text is possible. */
export function plainWords(text: string): string {
  return text.replaceAll("`", "");
}
