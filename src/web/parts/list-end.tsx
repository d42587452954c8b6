import type { ReactElement, ReactNode } from "react";

/** The end of a list that holds as much as it may: there may be more, and where. */
export function ListEnd(props: {
  readonly length: number | undefined;
  readonly max: number;
  readonly children: ReactNode;
}): ReactElement | null {
  if ((props.length ?? 0) < props.max) return null;
  return (
    <p className="list-end">
      Only the latest {props.max} are listed and searched. {props.children}
    </p>
  );
}
