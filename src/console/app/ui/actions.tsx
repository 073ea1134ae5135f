/** A button that does one thing on the server, without a form: shows that it works, and what the server says against it. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { asError, ProblemNote } from "./loading.tsx";

interface ActionButtonProperties {
  readonly label: string;
  readonly working?: string;
  readonly name?: string;
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly run: () => Promise<void>;
}

export function ActionButton(
  { label, working = "Working …", name, small = false, disabled = false, run }: ActionButtonProperties,
) {
  const [isWorking, setWorking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const act = async () => {
    setWorking(true);
    setError(null);
    try {
      await run();
    } catch (reason) {
      setError(asError(reason));
    } finally {
      setWorking(false);
    }
  };
  return (
    <>
      <button
        type="button"
        class={small ? "small" : ""}
        disabled={disabled || isWorking}
        {...(name === undefined ? {} : { "aria-label": name })}
        onClick={act}
      >
        {isWorking ? working : label}
      </button>
      {error !== null && <ProblemNote error={error} />}
    </>
  );
}
