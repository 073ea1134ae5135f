/** Variables: those of a dashboard, which carry their own name, and the documents Variable and GlobalVariable. */
import type { JsonObject, JsonValue } from "../types.ts";
import {
  below,
  checkedText,
  type Decoder,
  flag,
  isObject,
  optional,
  optionalFlag,
  optionalText,
  ownField,
  type Place,
  quoted,
  report,
  struct,
  text,
} from "./decode.ts";
import { checkId } from "./names.ts";
import { plugin } from "./plugin.ts";

const sorts = [
  "none",
  "alphabetical-asc",
  "alphabetical-desc",
  "numerical-asc",
  "numerical-desc",
  "alphabetical-ci-asc",
  "alphabetical-ci-desc",
];

const display = optional(struct({ name: optionalText, description: optionalText, hidden: flag }));
const sort = checkedText((value) => sorts.includes(value) ? null : `unknown sort method ${quoted(value)} used`, {
  optional: true,
});

const textFields = { display, value: text, constant: optionalFlag };
const listFields = {
  display,
  defaultValue,
  allowAllValue: flag,
  allowMultiple: flag,
  customAllValue: optionalText,
  capturingRegexp: optionalText,
  sort,
  plugin,
};

function defaultValue(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value.length === 0 ? undefined : value;
  }
  report(place, "unable to unmarshal defaultValue. Only string or array of string can be used");
  return undefined;
}

function checkText(spec: JsonObject, place: Place): void {
  if (spec["constant"] === true && spec["value"] === "") {
    report(below(place, "value"), "value for a constant text variable cannot be empty");
  }
}

/** Also turns a default of one element into that element, where only one value can be chosen. */
function checkList(spec: JsonObject, place: Place): JsonObject | void {
  if (ownField(spec, "customAllValue") !== undefined && spec["allowAllValue"] !== true) {
    report(below(place, "customAllValue"), "customAllValue cannot be set if allowAllValue is not set to true");
  }
  const defaults = ownField(spec, "defaultValue");
  if (!Array.isArray(defaults) || spec["allowMultiple"] === true) return;
  if (defaults.length === 1) return { ...spec, defaultValue: defaults[0] as string };
  report(
    below(place, "defaultValue"),
    "you can not use a list of default values if allowMultiple is set to false",
  );
}

function checkName(spec: JsonObject, place: Place): void {
  const name = String(spec["name"]);
  const wrong = checkId(name);
  if (wrong !== null) report(below(place, "name"), wrong);
}

function checkTextName(spec: JsonObject, place: Place): void {
  checkName(spec, place);
  if (/^[+-]?\d+$/.test(String(spec["name"]))) {
    report(
      below(place, "name"),
      "variable name cannot contain only digits. That's not a meaningful name for a variable",
    );
  }
}

function variableOf(specs: { TextVariable: Decoder; ListVariable: Decoder }): Decoder {
  return (value, place) => {
    const kind = ownField(value, "kind");
    const specPlace = below(place, "spec");
    if (value !== undefined && value !== null && !isObject(value)) {
      report(place, "Unmarshal type error: expected=object, got=" + (Array.isArray(value) ? "array" : typeof value));
    } else if (kind === "") {
      report(below(place, "kind"), "variable.kind cannot be empty");
    } else if (kind !== "TextVariable" && kind !== "ListVariable") {
      report(below(place, "kind"), `unknown variable.kind ${quoted(String(kind ?? ""))} used`);
    } else return { kind, spec: specs[kind](ownField(value, "spec"), specPlace) ?? {} };
    return {};
  };
}

/** The spec of Variable and GlobalVariable. */
export const variableSpec: Decoder = variableOf({
  TextVariable: struct(textFields, checkText),
  ListVariable: struct(listFields, checkList),
});

/** One of a dashboard's variables. */
export const dashboardVariable: Decoder = variableOf({
  TextVariable: struct({ ...textFields, name: text }, (spec, place) => {
    checkTextName(spec, place);
    checkText(spec, place);
  }),
  ListVariable: struct({ ...listFields, name: text }, (spec, place) => {
    checkName(spec, place);
    return checkList(spec, place);
  }),
});
