/** The web console, in a browser as a person uses it. */
import { equal, match } from "node:assert/strict";
import { ConsolePage, testInBrowser } from "../support/browser.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer();

Deno.test("/ leads to the console, which needs no key and may load nothing from elsewhere", async () => {
  const { baseUrl } = server.current.rest;
  const page = await fetch(`${baseUrl}/`);
  equal(page.url, `${baseUrl}/console/`);
  match(page.headers.get("content-security-policy") ?? "", /^default-src 'self';/);
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, path]) => path ?? "");
  equal(files.length, 5);
  for (const file of files) {
    const answer = await fetch(`${baseUrl}${file}`);
    await answer.body?.cancel();
    equal(answer.status, 200, file);
    const again = await fetch(`${baseUrl}${file}`, { headers: { "if-none-match": answer.headers.get("etag") ?? "" } });
    equal(again.status, 304, file);
  }
  await server.current.rest.refused(404, "not_found", "GET", "/console/nothing.js");
});

testInBrowser("a wrong key is refused in the server's words, the right one shows the projects", async () => {
  await server.current.rest.expect(201, "POST", "/projects", { json: { id: "first", name: "The first one" } });
  await using console = await ConsolePage.open(server.current, "/", null);
  await console.page.locator("input[name=key]").fill("eider_wrong");
  await console.click("Sign in");
  await console.page.locator("[role=alert]").wait();
  await console.page.locator("input[name=key]").fill(server.current.adminKey);
  await console.click("Sign in");
  await console.sees("The first one");
});
