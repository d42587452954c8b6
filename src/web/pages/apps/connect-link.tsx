import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { appOfferQuery } from "../../data/queries.ts";

/** Loads the page anew: only its own document may send a form to the forge. */
export function ConnectLink(): ReactElement {
  const offer = useQuery(appOfferQuery(undefined));
  return (
    <Link to="/connect" reloadDocument className="button">
      Connect {offer.data?.forge ?? "a forge"}
    </Link>
  );
}
