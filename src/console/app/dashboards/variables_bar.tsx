/** The variables of a dashboard, to choose from. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import type { VariableValue } from "./model.ts";
import { Popover } from "./popover.tsx";

/** As the server answers it, in the dashboard's order. */
export interface ShownVariable {
  readonly name: string;
  readonly title: string;
  readonly kind: "TextVariable" | "ListVariable";
  /** Null for a text. */
  readonly options: readonly { readonly value: string; readonly label: string }[] | null;
  readonly value: VariableValue | null;
  readonly query_value: VariableValue | null;
  readonly error: string | null;
  readonly allow_all: boolean;
  readonly allow_multiple: boolean;
  readonly hidden: boolean;
  /** Cannot be changed: a constant, or fixed by a share link. */
  readonly isFixed: boolean;
}

export const allValue = "$__all";

interface BarProperties {
  readonly variables: readonly ShownVariable[];
  readonly onChange: (name: string, value: VariableValue) => void;
}

export function VariablesBar({ variables, onChange }: BarProperties) {
  const shown = variables.filter(({ hidden }) => !hidden);
  if (shown.length === 0) return null;
  return (
    <div class="row variables">
      {shown.map((variable) => (
        <div key={variable.name} class="variable" data-variable={variable.name}>
          <span class="variable-title">{variable.title}</span>
          <VariableControl variable={variable} onChange={(value) => onChange(variable.name, value)} />
          {variable.error !== null && (
            <span class="variable-error" title={variable.error} role="alert">⚠ {variable.error}</span>
          )}
        </div>
      ))}
    </div>
  );
}

interface ControlProperties {
  readonly variable: ShownVariable;
  readonly onChange: (value: VariableValue) => void;
}

function VariableControl({ variable, onChange }: ControlProperties) {
  const { title, options, value, isFixed } = variable;
  if (isFixed) return <output class="variable-fixed">{valueText(variable)}</output>;
  if (options === null) {
    return (
      <input
        aria-label={title}
        key={String(value)}
        defaultValue={typeof value === "string" ? value : ""}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (variable.allow_multiple) return <SeveralValues variable={variable} onChange={onChange} />;
  const chosen = typeof value === "string" ? value : value?.[0] ?? "";
  const isListed = chosen === allValue || options.some((option) => option.value === chosen);
  return (
    <select aria-label={title} value={chosen} onChange={(event) => onChange(event.currentTarget.value)}>
      {!isListed && <option value={chosen}>{chosen === "" ? "–" : `${chosen} (not in the list)`}</option>}
      {variable.allow_all && <option value={allValue}>All</option>}
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
    </select>
  );
}

/** Boxes to tick; they count when the list is closed. */
function SeveralValues({ variable, onChange }: ControlProperties) {
  const present = valuesOf(variable.value);
  const [ticked, setTicked] = useState<readonly string[] | null>(null);
  const [filter, setFilter] = useState("");
  const chosen = ticked ?? present;
  const toggle = (value: string) => {
    if (value === allValue) return setTicked(chosen.includes(allValue) ? [] : [allValue]);
    const others = chosen.filter((one) => one !== allValue && one !== value);
    setTicked(chosen.includes(value) ? others : [...others, value]);
  };
  const commit = () => {
    setTicked(null);
    if (ticked !== null && JSON.stringify(ticked) !== JSON.stringify(present)) {
      onChange(ticked.includes(allValue) ? allValue : ticked);
    }
  };
  const options = variable.options ?? [];
  const wanted = filter.trim().toLowerCase();
  const found = options.filter(({ label }) => label.toLowerCase().includes(wanted)).slice(0, 500);
  const unlisted = chosen.filter((value) => value !== allValue && !options.some((option) => option.value === value));
  return (
    <Popover label={valueText({ ...variable, value: chosen })} title={variable.title} onClose={commit}>
      {() => (
        <div class="several">
          {options.length > 8 && (
            <input
              type="search"
              aria-label={`Filter ${variable.title}`}
              placeholder="Filter"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
          )}
          {[
            ...(variable.allow_all ? [{ value: allValue, label: "All" }] : []),
            ...unlisted.map((value) => ({ value, label: `${value} (not in the list)` })),
            ...found,
          ].map(({ value, label }) => (
            <label key={value}>
              <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
              {label}
            </label>
          ))}
          {options.length === 0 && <span class="weak">There is nothing to choose.</span>}
        </div>
      )}
    </Popover>
  );
}

export function valuesOf(value: VariableValue | null): readonly string[] {
  return value === null ? [] : typeof value === "string" ? [value] : value;
}

function valueText({ value, options }: Pick<ShownVariable, "value" | "options">): string {
  const values = valuesOf(value);
  if (values.length === 0) return "–";
  const labels = values.map((one) =>
    one === allValue ? "All" : options?.find((option) => option.value === one)?.label ?? one
  );
  return labels.length > 3 ? `${labels.slice(0, 2).join(", ")} and ${labels.length - 2} more` : labels.join(", ");
}
