import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Page } from "../parts/page.tsx";

export function NotFoundPage(): ReactElement {
  return (
    <Page title="Nothing here">
      <p>
        No page has this address. <Link to="/">See the pull requests</Link>
      </p>
    </Page>
  );
}
