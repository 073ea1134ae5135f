/** Asks for a key and tries it before it is kept. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { request, storeKey } from "./api.ts";
import { openSession, type Session } from "./session.ts";
import { asError, ProblemNote } from "./ui/loading.tsx";

/** Who a key belongs to: `admin`, or `<project>/<key name>`. */
export async function whoIs(key?: string): Promise<string> {
  const user = await request<{ metadata: { name: string } }>(
    "/api/v1/user/whoami",
    key === undefined ? {} : { key },
  );
  return user.metadata.name;
}

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const [isTrying, setTrying] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setTrying(true);
    try {
      const user = await whoIs(key.trim());
      storeKey(key.trim());
      onSignedIn(await openSession(user));
    } catch (reason) {
      setError(asError(reason));
    } finally {
      setTrying(false);
    }
  };
  return (
    <form class="card sign-in" onSubmit={submit}>
      <h1>Eider</h1>
      <label class="field">
        Key
        <input
          type="password"
          name="key"
          autocomplete="current-password"
          required
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <p class="weak">
        The administrator's key was printed at the server's first start; a project's key, when it was made. It stays in
        this tab.
      </p>
      {error !== null && <ProblemNote error={error} />}
      <button type="submit" class="primary" disabled={isTrying || key.trim() === ""}>Sign in</button>
    </form>
  );
}
