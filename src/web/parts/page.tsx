import type { ReactElement, ReactNode } from "react";

/** Title of the tab, heading, and what stands beside it. */
export function Page(props: {
  readonly title: string;
  readonly heading?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly wide?: boolean;
}): ReactElement {
  return (
    <div className={props.wide ? "page wide" : "page"}>
      <title>{`${props.title} · Terrane`}</title>
      <div className="page-head">
        <h1>{props.heading ?? props.title}</h1>
        {props.actions}
      </div>
      {props.children}
    </div>
  );
}

export function Empty(props: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}
