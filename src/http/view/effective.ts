import type { EffectiveValue } from "../../contract/configuration.ts";
import type { Json } from "../../core/config/json.ts";
import { formatPath, type Path } from "../../core/config/places.ts";
import type { ShownConfig } from "../../core/config/show.ts";

const VALUES_SHOWN_MAX = 20_000;

/**
 * Every value that counts, with the defaults, in the order of the language. A list of plain values is
 * one value. `here` is the file that the page shows.
 */
export function effectiveView({ json }: ShownConfig, here: string): EffectiveValue[] {
  const values: EffectiveValue[] = [];
  collect(json.config, [], (path, value, example) => {
    const origin = json.origins[formatPath(example)];
    values.push({
      path: formatPath(path),
      value: JSON.stringify(value),
      origin:
        origin === undefined || origin.source === "default"
          ? null
          : {
              file: origin.file,
              line: origin.line,
              column: origin.column,
              here: origin.source === "repository" && origin.file === here,
            },
    });
  });
  return values.slice(0, VALUES_SHOWN_MAX);
}

/** `example`: the path of something in the value that has an origin. */
type Add = (path: Path, value: Json, example: Path) => void;

function collect(value: Json, path: Path, add: Add): void {
  if (value === null || typeof value !== "object") {
    add(path, value, path);
    return;
  }
  const inner: readonly Json[] = Object.values(value);
  if (Array.isArray(value) && inner.every((one) => one === null || typeof one !== "object")) {
    add(path, value, inner.length === 0 ? path : [...path, 0]);
    return;
  }
  if (inner.length === 0) {
    add(path, value, path);
    return;
  }
  const entries: Iterable<readonly [string | number, Json]> = Array.isArray(value)
    ? (value as readonly Json[]).entries()
    : Object.entries(value);
  for (const [key, one] of entries) collect(one, [...path, key], add);
}
