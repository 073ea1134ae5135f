/** The SQL page, loaded when it is opened. */
/// <reference lib="dom" />
import type { Place } from "../../router.ts";
import type { Session } from "../../session.ts";
import { useLoaded, Waiting } from "../../ui/loading.tsx";

export function LazySql({ place, session }: { place: Place; session: Session }) {
  const code = useLoaded(() => import("./page.tsx"), []);
  return <Waiting of={code}>{({ SqlPage }) => <SqlPage place={place} session={session} />}</Waiting>;
}
