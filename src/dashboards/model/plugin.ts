/** The envelope that every plugin stands in. Its spec belongs to the plugin and is kept as it came, unknown fields and all. */
import { anything, below, type Decoder, isObject, optional, optionalText, report, struct, text } from "./decode.ts";

const fields = struct({
  kind: text,
  metadata: optional(struct({ version: optionalText, registry: optionalText })),
  spec: anything,
});

/** `{kind, metadata?, spec}`. A missing spec is {}, because schemas are of objects. */
export const plugin: Decoder = (value, place) => {
  const decoded = fields(value, place);
  if (!isObject(decoded)) return decoded;
  if (decoded["kind"] === "") report(below(place, "kind"), "kind cannot be empty");
  return { ...decoded, spec: decoded["spec"] ?? {} };
};
