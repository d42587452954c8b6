import { lazy, type ReactElement, Suspense } from "react";

// Asked for together with the page that needs it, so that it is there before the conversation is.
const parser = import("./markdown.tsx");
// A new version of the dashboard has other files; React shows that where the parser is used.
parser.catch(() => undefined);
const Loaded = lazy(async () => ({ default: (await parser).Markdown }));

/** The parser is a third of the dashboard and only conversations need it. Its source takes the room until then. */
export function LazyMarkdown(props: { readonly text: string }): ReactElement {
  return (
    <Suspense fallback={<pre className="markdown plain-text">{props.text}</pre>}>
      <Loaded text={props.text} />
    </Suspense>
  );
}
