import { Document, isScalar, Scalar, visit } from "yaml";
import type { RawConfig } from "./raw.ts";

/**
 * A configuration as YAML. Reading it gives the same configuration; only anchors are gone, so that a
 * file which repeats much through them may become longer than a file may be.
 */
export function printConfig(raw: RawConfig): string {
  const document = new Document(raw, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, pair) {
      // Without quotes it would merge what it holds into the mapping around it.
      if (isScalar(pair.key) && pair.key.value === "<<") pair.key.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
