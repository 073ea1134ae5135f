/** A window over the page, closed with Escape or its own button. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface DialogProperties {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: DialogProperties) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog class="card board-dialog" ref={box} aria-label={title} onClose={onClose}>
      <header class="row">
        <h2>{title}</h2>
        <button type="button" title="Close" onClick={() => box.current?.close()}>✕</button>
      </header>
      {children}
    </dialog>
  );
}
