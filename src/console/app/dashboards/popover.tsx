/** A button that opens a small box below it; Escape and a click beside it close it. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface PopoverProperties {
  readonly label: ComponentChildren;
  readonly title: string;
  readonly children: (close: () => void) => ComponentChildren;
  readonly onClose?: () => void;
}

export function Popover({ label, title, children, onClose }: PopoverProperties) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const closed = useRef(onClose);
  closed.current = onClose;
  const close = () => {
    setOpen(false);
    closed.current?.();
  };
  useEffect(() => {
    if (!isOpen) return;
    const onDown = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) close();
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && close();
    addEventListener("pointerdown", onDown);
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("pointerdown", onDown);
      removeEventListener("keydown", onKey);
    };
  }, [isOpen]);
  return (
    <div class="popover" ref={box}>
      <button type="button" title={title} aria-expanded={isOpen} onClick={() => isOpen ? close() : setOpen(true)}>
        {label}
      </button>
      {isOpen && <div class="popover-box card" role="dialog" aria-label={title}>{children(close)}</div>}
    </div>
  );
}
