/** Form fields with their label and, below, what is accepted. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProperties {
  readonly label: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

/** The label is tied to the one control inside. */
export function Field({ label, hint, children }: FieldProperties) {
  return (
    <label class="field">
      {label}
      {children}
      {hint !== undefined && <span class="weak hint">{hint}</span>}
    </label>
  );
}

interface TextFieldProperties {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly type?: "text" | "number" | "search";
  readonly name?: string;
  readonly autofocus?: boolean;
}

export function TextField(
  { label, hint, value, onValue, required = false, placeholder, type = "text", name, autofocus = false }:
    TextFieldProperties,
) {
  const common = {
    ...(name === undefined ? {} : { name }),
    ...(placeholder === undefined ? {} : { placeholder }),
    value,
    required,
    autofocus,
    autocomplete: "off",
    spellcheck: false,
    onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  } as const;
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {type === "number"
        ? <input type="number" step="any" min={0} {...common} />
        : type === "search"
        ? <input type="search" {...common} />
        : <input type="text" {...common} />}
    </Field>
  );
}

interface SelectFieldProperties<Value extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onValue: (value: Value) => void;
}

export function SelectField<Value extends string>(
  { label, hint, value, options, onValue }: SelectFieldProperties<Value>,
) {
  const id = useId();
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <select id={id} value={value} onChange={(event) => onValue(event.currentTarget.value as Value)}>
        {options.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </Field>
  );
}

export function CheckField(
  { label, checked, onChecked }: { label: string; checked: boolean; onChecked: (checked: boolean) => void },
) {
  return (
    <label class="row check">
      <input type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** What there is to say of an empty list. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty weak">{children}</div>;
}

export type Tone = "good" | "warning" | "bad" | "plain";

/** A word with a colour; the word alone must say it. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
