/** Markdown: a text, with variables filled in. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { filledText, text } from "../model.ts";
import type { PanelProperties } from "../view_context.ts";

export function MarkdownPanel({ spec, context }: PanelProperties) {
  const source = filledText(text(spec["text"]), context.shownValues);
  const [html, setHtml] = useState("");
  useEffect(() => {
    let isGone = false;
    import("../markdown_html.ts").then(
      ({ markdownHtml }) => !isGone && setHtml(markdownHtml(source)),
      () => !isGone && setHtml(""),
    );
    return () => {
      isGone = true;
    };
  }, [source]);
  return <div class="markdown" dangerouslySetInnerHTML={{ __html: html }}></div>;
}
