/**
 * Where in the console the user is: the part of the address after `#`, so that the server has one page only and links can be sent
 * around. `#/projects/acme/tables?search=x` is the path `["projects", "acme", "tables"]`.
 */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";

export interface Place {
  /** Decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter((part) => part !== "").map(decoded), query: new URLSearchParams(query) };
}

/** A link to a place; `href({}, "projects", id)`. Empty values of the query are left out. */
export function href(query: Readonly<Record<string, string | undefined>>, ...path: string[]): string {
  const parameters = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""),
  ).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${parameters === "" ? "" : `?${parameters}`}`;
}

/** The present place; the component is drawn again when it changes. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return placeOf(hash);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
