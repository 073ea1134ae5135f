import { equal } from "node:assert/strict";
import { prefersHtml } from "./share_page.ts";

Deno.test("prefersHtml tells browsers from scripts", () => {
  const browsers = [
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html",
    "application/json;q=0.5, TEXT/HTML;q=0.6",
  ];
  const scripts = [
    undefined,
    "",
    "*/*",
    "application/json",
    "text/*",
    "application/json, text/html",
    "text/html;q=0",
    "text/html;q=x",
  ];
  for (const accept of browsers) equal(prefersHtml(accept), true, accept);
  for (const accept of scripts) equal(prefersHtml(accept), false, String(accept));
});
