/** Dialogs: the browser's own, which keeps the focus inside, closes with Escape and gives the focus back. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { asError, ProblemNote } from "./loading.tsx";

interface DialogProperties {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, wide = false, children }: DialogProperties) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>✕</button>
      </div>
      {children}
    </dialog>
  );
}

interface FormDialogProperties extends DialogProperties {
  /** The button's words: `Create bucket`, `Delete 3 tables`. */
  readonly action: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** What the button does; a refusal is shown and the dialog stays. Closing is the caller's. */
  readonly onSubmit: () => Promise<void>;
}

/** A dialog with a form: fields, the server's refusal, and two buttons. */
export function FormDialog(properties: FormDialogProperties) {
  const { title, onClose, wide = false, action, danger = false, disabled = false, onSubmit, children } = properties;
  const [error, setError] = useState<Error | null>(null);
  const [isWorking, setWorking] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isWorking) return;
    setWorking(true);
    setError(null);
    try {
      await onSubmit();
    } catch (reason) {
      setError(asError(reason));
    } finally {
      setWorking(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form class="form" onSubmit={submit}>
        {children}
        {error !== null && <ProblemNote error={error} />}
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class={danger ? "danger-fill" : "primary"} disabled={disabled || isWorking}>
            {isWorking ? "Working …" : action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
