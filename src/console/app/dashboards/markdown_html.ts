/**
 * Markdown as HTML that is safe to show, whoever wrote it: no scripts, no styles, no forms, no frames, nothing loaded from elsewhere. The page's
 * Content-Security-Policy stands behind it.
 */
/// <reference lib="dom" />
import DOMPurify from "dompurify";
import { Marked } from "marked";

const marked = new Marked({
  gfm: true,
  breaks: false,
  walkTokens: (token) => {
    // DOMPurify removes handlers without running them, but a browser reports each one that it has to parse.
    if (token.type === "html") token["text"] = String(token["text"]).replace(/(\s|\/)on\w+\s*=/gi, "$1data-handler=");
  },
});
const purify = DOMPurify(window);

const tags = [
  ...[
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
  ],
  ...["kbd", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td"],
  ...["th", "thead", "tr", "ul"],
];

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  if (node.tagName === "IMG" && !/^data:image\/(?:png|jpeg|gif|webp);/i.test(node.getAttribute("src") ?? "")) {
    // A picture from elsewhere would tell its server who looks at the dashboard.
    node.replaceWith(document.createTextNode(node.getAttribute("alt") ?? ""));
  }
});

export function markdownHtml(text: string): string {
  return purify.sanitize(marked.parse(text, { async: false }), {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ["href", "src", "alt", "title", "colspan", "rowspan", "open"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|\/|data:image\/(?:png|jpeg|gif|webp);)/i,
  });
}
