import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { count } from "../../base/text.ts";
import { setAsideQuery } from "../data/queries.ts";
import { Icon } from "./icon.tsx";

/** In the bar of every page, and only where something waits for a person. */
export function Attention(): ReactElement | null {
  const failed = useQuery(setAsideQuery());
  const many = failed.data?.length ?? 0;
  if (many === 0) return null;
  const label = `${count(many, "failure")} ${many === 1 ? "needs" : "need"} attention`;
  return (
    <Link to="/attention" className="attention" aria-label={label} title={label}>
      <Icon name="alert" size={15} />
      <span className="number">{many}</span>
    </Link>
  );
}
