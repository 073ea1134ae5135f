/** A panel in its frame: title, description, links, and what its kind draws, or why that is not there. */
/// <reference lib="dom" />
import { Component, type ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { asError } from "../ui/loading.tsx";
import { isEmpty, type PanelData } from "./data.ts";
import { useSeen } from "./hooks.ts";
import { pageUrl } from "./links.ts";
import { filledText, type Panel, type Values } from "./model.ts";
import { type LoadedPanel, usePanelData } from "./panel_data.ts";
import { drawingOf, UnknownPanel } from "./panels/kinds.tsx";
import { TablePanel } from "./panels/table.tsx";
import type { ViewContext } from "./view_context.ts";

interface FrameProperties {
  readonly panel: Panel;
  /** Values that a repetition fixes. */
  readonly fixed: Values;
  readonly context: ViewContext;
  readonly isLarge: boolean;
  /** Shows this panel alone, or all again. */
  readonly onEnlarge: () => void;
}

export function PanelFrame({ panel, fixed, context: outer, isLarge, onEnlarge }: FrameProperties) {
  const box = useRef<HTMLElement>(null);
  const isSeen = useSeen(box);
  const [showsData, setShowsData] = useState(false);
  const fixedKey = JSON.stringify(fixed);
  const context = useMemo((): ViewContext => ({
    ...outer,
    queryValues: { ...outer.queryValues, ...fixed },
    shownValues: { ...outer.shownValues, ...fixed },
  }), [outer, fixedKey]);
  const loaded = usePanelData(panel, context.queryValues, context, isSeen, box);
  const title = filledText(panel.title, context.shownValues);
  const description = filledText(panel.description, context.shownValues);
  return (
    <section
      class="panel"
      ref={box}
      aria-label={title === "" ? panel.key : title}
      aria-busy={panel.queries.length > 0 && loaded.isLoading}
      data-panel={panel.key}
    >
      <header>
        <h3 title={title}>{title}</h3>
        {description !== "" && (
          <span class="panel-info" tabIndex={0} aria-label={description}>
            i<span class="panel-bubble" role="tooltip">{description}</span>
          </span>
        )}
        <span class="panel-tools">
          {panel.links.map(({ name, url, tooltip }, index) => {
            const href = pageUrl(url, context.queryValues, location.href);
            return href !== null && (
              <a key={index} href={href} target="_blank" rel="noopener noreferrer" title={tooltip}>{name}</a>
            );
          })}
          {panel.queries.length > 0 && (
            <button
              type="button"
              title="The data as a table"
              aria-pressed={showsData}
              onClick={() => setShowsData(!showsData)}
            >
              ▤
            </button>
          )}
          <button type="button" title={isLarge ? "All panels" : "This panel alone"} onClick={onEnlarge}>
            {isLarge ? "✕" : "⛶"}
          </button>
        </span>
      </header>
      {panel.queries.length > 0 && loaded.isLoading && (
        <div class="panel-progress" role="status" aria-label="Loading"></div>
      )}
      <div class="panel-body">
        <Guarded key={showsData ? "data" : "picture"}>
          <PanelBody panel={panel} title={title} loaded={loaded} context={context} showsData={showsData} />
        </Guarded>
      </div>
    </section>
  );
}

interface BodyProperties extends Pick<FrameProperties, "panel" | "context"> {
  readonly title: string;
  readonly loaded: LoadedPanel;
  readonly showsData: boolean;
}

function PanelBody({ panel, title, loaded, context, showsData }: BodyProperties) {
  const answers = useMemo(
    () => loaded.answers.filter((answer): answer is PanelData => answer !== null),
    [loaded.answers],
  );
  const { kind, spec } = panel.plugin;
  const Drawing = drawingOf(kind);
  if (panel.queries.length === 0) {
    if (Drawing === null) return <UnknownPanel kind={kind} title={title} spec={spec} answers={[]} context={context} />;
    if (kind !== "Markdown") return <p class="panel-message weak">This panel has no query.</p>;
    return <Drawing title={title} spec={spec} answers={answers} context={context} />;
  }
  const messages = [...new Set(loaded.errors.map(({ message }) => message))];
  const errors = messages.length > 0 && <div class="problem panel-problem" role="alert">{messages.join("\n")}</div>;
  if (answers.length === 0) {
    return errors || <p class="panel-message weak">{loaded.isLoading ? "Loading …" : "No data"}</p>;
  }
  const cut = answers.some(({ truncated }) => truncated);
  const shared = { title, spec, answers, context };
  return (
    <>
      {errors}
      {showsData
        ? <TablePanel spec={{}} answers={answers} context={context} />
        : Drawing === null
        ? <UnknownPanel kind={kind} {...shared} />
        : isEmpty(answers)
        ? <p class="panel-message weak">No data</p>
        : <Drawing {...shared} />}
      {cut && <p class="weak panel-note">There was more than the server answers at once; the rest is missing here.</p>}
    </>
  );
}

/** What goes wrong while one panel is drawn stays in that panel. */
class Guarded extends Component<{ children: ComponentChildren }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static override getDerivedStateFromError(error: unknown) {
    return { error: asError(error) };
  }

  override render() {
    const { error } = this.state;
    return error === null
      ? this.props.children
      : <div class="problem panel-problem" role="alert">This panel cannot be drawn: {error.message}</div>;
  }
}
