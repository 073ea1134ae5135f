/** What makes one version of a dashboard of another, place by place. */
export interface Difference {
  readonly op: "add" | "remove" | "replace";
  readonly path: string;
  readonly value?: unknown;
  readonly former?: unknown;
}

export interface ComparedVersion {
  readonly version: number;
  readonly created_at: string;
  readonly created_by: string;
  readonly message: string | null;
}

export interface Comparison {
  readonly from: ComparedVersion;
  readonly to: ComparedVersion;
  readonly differences: readonly Difference[];
}

const shownMax = 500;

export function Differences({ comparison: { from, to, differences } }: { comparison: Comparison }) {
  return (
    <div class="differences">
      <p>
        Version {from.version} ({from.created_by}) → version {to.version} ({to.created_by}
        {to.message === null ? "" : `: ${to.message}`})
      </p>
      {differences.length === 0 && <p class="weak">The documents are the same.</p>}
      {differences.slice(0, shownMax).map(({ op, path, value, former }, index) => (
        <div key={index} class="difference">
          <code>{path}</code>
          {op !== "add" && <pre class="removed">{shown(former)}</pre>}
          {op !== "remove" && <pre class="added">{shown(value)}</pre>}
        </div>
      ))}
      {differences.length > shownMax && <p class="weak">{differences.length - shownMax} more</p>}
    </div>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "";
}
