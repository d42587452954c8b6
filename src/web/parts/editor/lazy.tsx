import { lazy, type ReactElement, Suspense } from "react";
import type { EditorProps } from "./editor.tsx";

const Loaded = lazy(async () => ({ default: (await import("./editor.tsx")).Editor }));

/** The editor is larger than the rest of the page and only one tab needs it. Its text takes the room until then. */
export function LazyEditor(props: EditorProps): ReactElement {
  return (
    <Suspense
      fallback={
        <pre className="editor-wait" aria-busy="true">
          {props.value}
        </pre>
      }
    >
      <Loaded {...props} />
    </Suspense>
  );
}
