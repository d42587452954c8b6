import type { ReactElement } from "react";
import { Icon } from "./icon.tsx";

/** `/` puts the cursor here. */
export function FilterBox(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactElement {
  return (
    <label className="filter">
      <span className="visually-hidden">{props.label}</span>
      <Icon name="search" size={14} />
      <input
        type="search"
        data-filter
        placeholder={props.label}
        value={props.value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => props.onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count?: number;
}

/** One of a few: buttons of which one is pressed. */
export function Choices<T extends string>(props: {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}): ReactElement {
  return (
    <fieldset className="choices">
      <legend className="visually-hidden">{props.label}</legend>
      {props.choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === props.value}
          onClick={() => props.onChange(choice.value)}
        >
          {choice.label}
          {choice.count === undefined ? null : <span className="count number">{choice.count}</span>}
        </button>
      ))}
    </fieldset>
  );
}

/** Every word of the filter occurs somewhere in the texts. */
export function matches(filter: string, texts: readonly string[]): boolean {
  const haystack = texts.join("\n").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
