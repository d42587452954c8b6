import { lazy, type ReactElement, Suspense } from "react";

const Loaded = lazy(async () => ({ default: (await import("./markdown.tsx")).Markdown }));

/** The parser is a third of the dashboard and only conversations need it. */
export function LazyMarkdown(props: { readonly text: string }): ReactElement {
  return (
    <Suspense fallback={<pre className="markdown plain-text">{props.text}</pre>}>
      <Loaded text={props.text} />
    </Suspense>
  );
}
