import type { ReactElement, ReactNode } from "react";

export function Box(props: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section className="box">
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}
