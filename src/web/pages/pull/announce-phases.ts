import { useEffect, useRef } from "react";
import type { DirspaceView } from "../../../contract/views.ts";
import { useSay } from "../../parts/announcer.tsx";
import { PHASES } from "../../parts/phase.tsx";

/** More at once are counted, not listed: nobody listens to fifty names. */
const NAMED_MAX = 3;

/** Says what changed by itself, for those who do not see the table. */
export function useAnnouncePhases(dirspaces: readonly DirspaceView[]): void {
  const say = useSay();
  const before = useRef<ReadonlyMap<string, DirspaceView["phase"]>>(undefined);
  useEffect(() => {
    const known = before.current;
    before.current = new Map(dirspaces.map(({ key, phase }) => [key, phase]));
    if (known === undefined) return;
    const changed = dirspaces.filter(({ key, phase }) => (known.get(key) ?? phase) !== phase);
    if (changed.length === 0) return;
    const named = changed
      .slice(0, NAMED_MAX)
      .map(({ key, phase }) => `${key}: ${PHASES[phase].label}`);
    const rest = changed.length - named.length;
    say([...named, ...(rest > 0 ? [`${rest} more changed`] : [])].join(", "));
  }, [dirspaces, say]);
}
