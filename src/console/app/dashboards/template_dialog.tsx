/** Makes a dashboard of a template, with its parameters. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import { asError, useLoaded, Waiting } from "../ui/loading.tsx";
import { Dialog } from "./dialog.tsx";
import { problemLines, projectPath } from "./server.ts";

interface Parameter {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly type: "text" | "number" | "choice" | "workspace" | "datasource";
  readonly required: boolean;
  readonly default?: string | number;
  readonly choices?: readonly string[];
}

interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly system: boolean;
  readonly parameters: readonly Parameter[];
  readonly usage_count: number;
}

interface DialogProperties {
  readonly project: string;
  readonly onClose: () => void;
}

export function TemplateDialog({ project, onClose }: DialogProperties) {
  const path = `${projectPath(project)}/dashboard-templates`;
  const templates = useLoaded((signal) => listAll<Template>(path, 1_000, signal), [path]);
  const [chosen, setChosen] = useState<Template | null>(null);
  return (
    <Dialog title={chosen === null ? "New from template" : chosen.title} onClose={onClose}>
      {chosen !== null ? <Instantiation project={project} template={chosen} /> : (
        <Waiting of={templates}>
          {(items) => (
            <ul class="templates">
              {items.map((template) => (
                <li key={template.name}>
                  <button type="button" onClick={() => setChosen(template)}>
                    <b>{template.title}</b>
                    <span class="weak">
                      {template.category ?? (template.system ? "" : "of this project")}
                    </span>
                    <span>{template.description}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Waiting>
      )}
    </Dialog>
  );
}

function Instantiation({ project, template }: { readonly project: string; readonly template: Template }) {
  const [name, setName] = useState(template.name);
  const [title, setTitle] = useState(template.title);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(template.parameters.map((one) => [one.name, String(one.default ?? "")]))
  );
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const parameters = Object.fromEntries(
      template.parameters.flatMap((one): [string, string | number][] => {
        const value = values[one.name] ?? "";
        return value === "" ? [] : [[one.name, one.type === "number" ? Number(value) : value]];
      }),
    );
    try {
      await request(`${projectPath(project)}/dashboard-templates/${encodeURIComponent(template.name)}/instantiate`, {
        method: "POST",
        body: { name: name.trim(), title: title.trim() || undefined, parameters },
      });
      location.hash = href({}, "dashboards", project, name.trim());
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <form class="form-grid" onSubmit={submit}>
      <p class="weak">{template.description}</p>
      <label class="field">
        Name, as it stands in addresses
        <input name="name" required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label class="field">
        Title
        <input name="title" value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
      </label>
      {template.parameters.map((parameter) => (
        <label class="field" key={parameter.name}>
          {parameter.title}
          <ParameterField
            project={project}
            parameter={parameter}
            value={values[parameter.name] ?? ""}
            onInput={(value) => setValues({ ...values, [parameter.name]: value })}
          />
          {parameter.description !== undefined && <span class="weak">{parameter.description}</span>}
        </label>
      ))}
      {error !== null && (
        <div class="problem" role="alert">
          {problemLines(error).map(({ pointer, text }, index) => (
            <div key={index}>
              {pointer !== null && <code>{pointer}</code>} {text}
            </div>
          ))}
        </div>
      )}
      <button type="submit" class="primary">Make the dashboard</button>
    </form>
  );
}

interface FieldProperties {
  readonly project: string;
  readonly parameter: Parameter;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function ParameterField({ project, parameter, value, onInput }: FieldProperties) {
  const { name, type, required } = parameter;
  if (type === "workspace") return <WorkspaceField {...{ project, parameter, value, onInput }} />;
  if (type === "choice") {
    return <Choice name={name} required={required} value={value} choices={parameter.choices ?? []} onInput={onInput} />;
  }
  return (
    <input
      name={name}
      required={required}
      {...(type === "number" ? { type: "number", step: "any" } : {})}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

function WorkspaceField({ project, parameter, value, onInput }: FieldProperties) {
  const workspaces = useLoaded(
    (signal) =>
      listAll<{ id: string; name: string; status: string }>(`${projectPath(project)}/workspaces`, 1_000, signal),
    [project],
  );
  return (
    <Waiting of={workspaces}>
      {(items) => (
        <Choice
          name={parameter.name}
          required={parameter.required}
          value={value}
          choices={items.filter(({ status }) => status !== "expired").map(({ id }) => id)}
          onInput={onInput}
        />
      )}
    </Waiting>
  );
}

interface ChoiceProperties extends Pick<FieldProperties, "value" | "onInput"> {
  readonly name: string;
  readonly required: boolean;
  readonly choices: readonly string[];
}

function Choice({ name, required, value, choices, onInput }: ChoiceProperties) {
  return (
    <select name={name} required={required} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
      <option value="">–</option>
      {choices.map((choice) => <option key={choice} value={choice}>{choice}</option>)}
    </select>
  );
}
