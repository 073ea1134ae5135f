/** Texts to take along: a button that copies, a value beside one, a block of code with one. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";

const shownMs = 1_500;

/** The clipboard of pages that came over HTTPS or from localhost; elsewhere the browser has only the old way. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  // Inside an open dialog, outside of which nothing takes the focus.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (!isDone) throw new Error("the browser did not let the page copy: select the text and copy it");
}

export function CopyButton({ text, what, label = "Copy" }: { text: () => string; what: string; label?: string }) {
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), shownMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => copyText(text()).then(() => setState("copied"), () => setState("failed"));
  return (
    <button type="button" class="small" aria-label={`${label} ${what}`} onClick={copy}>
      <span aria-live="polite">{state === "ready" ? label : state === "copied" ? "Copied" : "Not copied"}</span>
    </button>
  );
}

/** A name, a value to select, and a button that copies it. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  return (
    <div class="copy-line">
      <span class="weak">{label}</span>
      <code>{value}</code>
      <CopyButton text={() => value} what={label} />
    </div>
  );
}

export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div class="code-block">
      <pre tabindex={0}>{text}</pre>
      <CopyButton text={() => text} what={what} />
    </div>
  );
}
