/** The share links of a dashboard: make one, see which there are, revoke one. A link is shown once, when it is made. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { Dialog } from "./dialog.tsx";
import type { VariableValue } from "./model.ts";
import { dashboardPath, problemLines } from "./server.ts";
import { allValue, type ShownVariable } from "./variables_bar.tsx";

interface Share {
  readonly id: string;
  readonly label: string;
  readonly status: "active" | "expired" | "revoked" | "used_up";
  readonly created_by: string;
  readonly expires_at: string | null;
  readonly uses_max: number | null;
  readonly use_count: number;
  readonly allowed_cidrs: readonly string[];
  readonly variables: Readonly<Record<string, VariableValue>>;
  readonly last_used_at: string | null;
}

interface ShareProperties {
  readonly project: string;
  readonly name: string;
  /** As they are chosen now: a link can fix them. */
  readonly variables: readonly ShownVariable[];
  readonly onClose: () => void;
}

const expiries: readonly (readonly [value: string, label: string])[] = [
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "7 days"],
  ["2592000", "30 days"],
  ["31536000", "1 year"],
  ["never", "never"],
];

export function ShareDialog({ project, name, variables, onClose }: ShareProperties) {
  const path = `${dashboardPath(project, name)}/shares`;
  const shares = useLoaded((signal) => listAll<Share>(path, 1_000, signal), [path]);
  const [link, setLink] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const revoke = async (share: Share) => {
    try {
      await request(`${path}/${share.id}`, { method: "DELETE" });
      setError(null);
      shares.reload();
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <Dialog title="Share links" onClose={onClose}>
      {link !== null && <NewLink link={link} />}
      <NewShare
        path={path}
        variables={variables}
        onMade={(made) => {
          setLink(new URL(made, location.origin).href);
          shares.reload();
        }}
      />
      <h3>Links of this dashboard</h3>
      {error !== null && <ProblemNote error={error} />}
      <Waiting of={shares}>
        {(items) =>
          items.length === 0
            ? <p class="weak">There is none yet.</p>
            : <ShareList items={items} onRevoke={(share) => void revoke(share)} />}
      </Waiting>
    </Dialog>
  );
}

function NewLink({ link }: { link: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      // Without the right to use the clipboard the text can be marked and copied by hand.
      document.querySelector<HTMLInputElement>("input[name=share-link]")?.select();
    }
  };
  return (
    <div class="notice" role="status">
      <p>This is the link. It is shown only now; whoever has it sees the dashboard.</p>
      <div class="row">
        <input name="share-link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="primary" onClick={copy}>{isCopied ? "Copied" : "Copy"}</button>
      </div>
    </div>
  );
}

interface NewShareProperties extends Pick<ShareProperties, "variables"> {
  readonly path: string;
  readonly onMade: (path: string) => void;
}

function NewShare({ path, variables, onMade }: NewShareProperties) {
  const [label, setLabel] = useState("");
  const [expiry, setExpiry] = useState("604800");
  const [uses, setUses] = useState("");
  const [networks, setNetworks] = useState("");
  const [fixed, setFixed] = useState<readonly string[]>(() =>
    variables.filter(({ value, isFixed }) => value !== null && !isFixed).map(({ name }) => name)
  );
  const [error, setError] = useState<Error | null>(null);
  const fixable = variables.filter(({ value, isFixed }) => value !== null && !isFixed);
  const submit = async (event: Event) => {
    event.preventDefault();
    const cidrs = networks.split(/[\s,]+/).filter((text) => text !== "");
    const chosen = fixable.filter(({ name }) => fixed.includes(name));
    try {
      const made = await request<{ path: string }>(path, {
        method: "POST",
        body: {
          label,
          ...(expiry === "never" ? { expires_at: "never" } : { expires_in_seconds: Number(expiry) }),
          ...(uses === "" ? {} : { uses_max: Number(uses) }),
          ...(cidrs.length === 0 ? {} : { allowed_cidrs: cidrs }),
          variables: Object.fromEntries(chosen.map((variable) => [variable.name, fixedValue(variable)])),
        },
      });
      setError(null);
      onMade(made.path);
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <form class="form-grid" onSubmit={submit}>
      <label class="field">
        Label
        <input name="label" value={label} onInput={(event) => setLabel(event.currentTarget.value)} />
      </label>
      <label class="field">
        Ends after
        <select name="expiry" value={expiry} onChange={(event) => setExpiry(event.currentTarget.value)}>
          {expiries.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      </label>
      <label class="field">
        Openings, at most
        <input
          name="uses"
          type="number"
          min="1"
          placeholder="any number"
          value={uses}
          onInput={(event) => setUses(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Only from these networks
        <input
          name="networks"
          placeholder="192.0.2.0/24, 2001:db8::/32"
          value={networks}
          onInput={(event) => setNetworks(event.currentTarget.value)}
        />
      </label>
      {fixable.length > 0 && (
        <fieldset>
          <legend>Fix these to what they are now; the others keep the dashboard's default</legend>
          {fixable.map((variable) => (
            <label key={variable.name}>
              <input
                type="checkbox"
                checked={fixed.includes(variable.name)}
                onChange={(event) =>
                  setFixed(
                    event.currentTarget.checked
                      ? [...fixed, variable.name]
                      : fixed.filter((name) => name !== variable.name),
                  )}
              />
              {variable.title} = {String(fixedValue(variable))}
            </label>
          ))}
        </fieldset>
      )}
      {error !== null && (
        <div class="problem" role="alert">
          {problemLines(error).map(({ pointer, text }, index) => (
            <div key={index}>
              {pointer !== null && <code>{pointer}</code>} {text}
            </div>
          ))}
        </div>
      )}
      <button type="submit" class="primary">Make a link</button>
    </form>
  );
}

/** "All" stays "all", whatever values there will be. */
function fixedValue({ value }: ShownVariable): VariableValue {
  if (value === null) return "";
  return typeof value !== "string" && value.includes(allValue) ? allValue : value;
}

function ShareList({ items, onRevoke }: { items: readonly Share[]; onRevoke: (share: Share) => void }) {
  return (
    <table class="grid">
      <thead>
        <tr>
          <th>Label</th>
          <th>State</th>
          <th>Ends</th>
          <th>Openings</th>
          <th>From</th>
          <th>Fixed</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        {items.map((share) => (
          <tr key={share.id}>
            <td>{share.label || share.id}</td>
            <td>{share.status.replace("_", " ")}</td>
            <td>{share.expires_at === null ? "never" : new Date(share.expires_at).toLocaleString()}</td>
            <td>
              {share.use_count}
              {share.uses_max === null ? "" : ` of ${share.uses_max}`}
            </td>
            <td>{share.allowed_cidrs.join(", ") || "everywhere"}</td>
            <td>{Object.entries(share.variables).map(([name, value]) => `${name}=${value}`).join(", ")}</td>
            <td>
              {share.status === "active" && (
                <button type="button" class="danger" onClick={() => onRevoke(share)}>Revoke</button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
