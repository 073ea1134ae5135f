/** Sections of a page, each with an address of its own, and the way back up. */
/// <reference lib="dom" />

export interface Tab {
  readonly name: string;
  readonly label: string;
  readonly href: string;
}

export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.name} href={tab.href} {...(tab.name === current ? { "aria-current": "page" as const } : {})}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}

/** `Projects / acme / in.c-sales.orders`; the last is where one is. */
export function Trail({ steps }: { steps: readonly { readonly label: string; readonly href?: string }[] }) {
  return (
    <nav class="trail" aria-label="Where you are">
      {steps.map(({ label, href }, index) => (
        <span key={index}>
          {index > 0 && <span class="weak" aria-hidden="true">/</span>}
          {href === undefined ? <span aria-current="location">{label}</span> : <a href={href}>{label}</a>}
        </span>
      ))}
    </nav>
  );
}
