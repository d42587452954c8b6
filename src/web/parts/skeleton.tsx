import type { ReactElement } from "react";

/** Grey bars where content will be, as high as the content, so that nothing jumps when it arrives. */
export function Skeleton(props: { readonly rows: number; readonly label: string }): ReactElement {
  return (
    <div className="skeleton" role="status" aria-label={props.label}>
      {Array.from({ length: props.rows }, (_, row) => (
        <div key={row} className="skeleton-row" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
