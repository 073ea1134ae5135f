/** An Apache ECharts chart in a box that it fills; the library is loaded with the first one. */
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "preact/hooks";
import type { ECharts, EChartsCoreOption } from "./echarts.ts";
import { asError, ProblemNote } from "../../ui/loading.tsx";

interface ChartProperties {
  readonly label: string;
  readonly option: EChartsCoreOption;
  /** Values of the horizontal axis between which somebody has drawn the mouse. */
  readonly onMark?: (from: number, to: number) => void;
}

/** A shorter way of the mouse is a click. */
const markedPixelsMin = 6;

export function Chart({ label, option, onMark }: ChartProperties) {
  const box = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const latest = useRef(option);
  const [error, setError] = useState<Error | null>(null);
  latest.current = option;

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let isGone = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    import("./echarts.ts").then(({ init }) => {
      if (isGone) return;
      chart.current = init(element, null, { renderer: "canvas" });
      chart.current.on("finished", () => {
        element.dataset["drawn"] = "yes";
      });
      chart.current.setOption(latest.current);
      observer.observe(element);
    }).catch((reason: unknown) => setError(asError(reason)));
    return () => {
      isGone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    if (box.current !== null) delete box.current.dataset["drawn"];
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);

  const onPointerDown = (down: PointerEvent) => {
    const [element, drawn] = [box.current, chart.current];
    if (onMark === undefined || element === null || drawn === null || down.button !== 0) return;
    const left = element.getBoundingClientRect().left;
    const startX = down.clientX - left;
    if (!drawn.containPixel({ gridIndex: 0 }, [startX, down.clientY - element.getBoundingClientRect().top])) return;
    const onMove = (move: PointerEvent) => {
      const [from, to] = [startX, move.clientX - left].sort((a, b) => a - b) as [number, number];
      if (mark.current === null) return;
      mark.current.style.left = `${from}px`;
      mark.current.style.width = `${to - from}px`;
      mark.current.hidden = to - from < markedPixelsMin;
    };
    const onUp = (up: PointerEvent) => {
      removeEventListener("pointermove", onMove);
      if (mark.current !== null) mark.current.hidden = true;
      const endX = up.clientX - left;
      if (Math.abs(endX - startX) < markedPixelsMin || chart.current === null) return;
      const [from, to] = [startX, endX].map((x) => Number(drawn.convertFromPixel({ xAxisIndex: 0 }, x)))
        .sort((a, b) => a - b) as [number, number];
      if (Number.isFinite(from) && Number.isFinite(to) && from < to) onMark(from, to);
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", onUp, { once: true });
    down.preventDefault();
  };

  if (error !== null) return <ProblemNote error={error} />;
  return (
    <div class="chart" onPointerDown={onPointerDown}>
      <div class="chart-canvas" ref={box} role="img" aria-label={label}></div>
      <div class="chart-mark" ref={mark} hidden></div>
    </div>
  );
}

export interface TooltipLine {
  readonly color: string;
  readonly name: string;
  readonly value: string;
}

const tooltipLinesMax = 15;

/** A tooltip's content as elements: names of series are anybody's text. */
export function tooltipContent(title: string, lines: readonly TooltipLine[]): HTMLElement {
  const content = element("div", "chart-tooltip");
  content.append(element("div", "weak", title));
  for (const { color, name, value } of lines.slice(0, tooltipLinesMax)) {
    const line = element("div", "chart-tooltip-line");
    const dot = element("span", "dot");
    dot.style.background = color;
    line.append(dot, element("span", "name", name), element("b", "", value));
    content.append(line);
  }
  if (lines.length > tooltipLinesMax) content.append(element("div", "weak", `${lines.length - tooltipLinesMax} more`));
  return content;
}

/** How a tooltip looks in the present theme. It may reach beyond its panel. */
export function tooltipStyle(colors: { readonly surface: string; readonly line: string; readonly text: string }) {
  return {
    appendTo: () => document.body,
    backgroundColor: colors.surface,
    borderColor: colors.line,
    textStyle: { color: colors.text, fontSize: 12 },
    transitionDuration: 0,
  };
}

function element(tag: string, className: string, content?: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}
