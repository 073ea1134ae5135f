/** The spec of Folder: a tree of references to dashboards, whose existence is not checked. */
import type { JsonObject, JsonValue } from "../types.ts";
import {
  below,
  type Decoder,
  isObject,
  optional,
  optionalList,
  optionalText,
  ownField,
  type Place,
  quoted,
  report,
  struct,
  text,
} from "./decode.ts";

/** Written in any case. */
const itemKinds = ["Dashboard", "Folder"] as const;
const itemFields = { kind: text, name: text };

const item: Decoder = (value, place) => {
  const decoded = struct({ ...itemFields, items: optionalList(item) })(value, place);
  if (!isObject(decoded)) return decoded;
  const written = String(decoded["kind"]);
  const kind = itemKinds.find((known) => known.toLowerCase() === written.toLowerCase());
  if (kind === undefined) {
    report(below(place, "kind"), `kind can only be "Dashboard" or "Folder" but not ${quoted(written)}`);
  }
  if (decoded["name"] === "") report(below(place, "name"), "name is required");
  if (kind === "Dashboard" && ownField(decoded, "items") !== undefined) {
    report(below(place, "items"), 'when kind is equal to "Dashboard", then items must be empty');
  }
  return kind === undefined ? decoded : { ...decoded, kind };
};

export const folderSpec: Decoder = struct({
  display: optional(struct({ name: optionalText })),
  items: optionalList(item),
});

/** A dashboard stands in one place of a folder, or nobody could tell from where it was opened. */
export function checkFolder(spec: JsonObject, folderName: string, place: Place): void {
  const seen = new Set<string>();
  const visit = (items: JsonValue | undefined, itemsPlace: Place): void => {
    if (!Array.isArray(items)) return;
    items.forEach((one: JsonValue, index: number) => {
      const name = String(ownField(one, "name"));
      const onePlace = below(itemsPlace, index);
      if (ownField(one, "kind") !== "Dashboard") return visit(ownField(one, "items"), below(onePlace, "items"));
      if (seen.has(name)) {
        const message = `dashboard ${quoted(name)} is referenced multiple times in the folder ${quoted(folderName)}`;
        report(below(onePlace, "name"), message);
      }
      seen.add(name);
    });
  };
  visit(ownField(spec, "items"), below(place, "items"));
}
