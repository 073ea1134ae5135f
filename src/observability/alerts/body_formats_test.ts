import assert from "node:assert/strict";
import { payload } from "./alerts_fixture.ts";
import { alertBody } from "./body_formats.ts";

Deno.test("json is the payload itself", () => assert.equal(alertBody(payload, "json"), payload));

Deno.test("slack gets blocks with its control characters escaped", () => {
  const summary = '12 failed logins from 192.0.2.1 in the last 5 minutes, the last one as "&lt;!channel&gt; &amp; *b*"';
  assert.deepEqual(alertBody(payload, "slack"), {
    text: `WARNING: PGWireAuthFailures: ${summary}`,
    attachments: [{
      color: "#d9822b",
      blocks: [
        { type: "header", text: { type: "plain_text", text: "WARNING: PGWireAuthFailures" } },
        { type: "section", text: { type: "mrkdwn", text: summary } },
        { type: "section", text: { type: "mrkdwn", text: "A client with an old password." } },
        {
          type: "section",
          fields: [
            { type: "mrkdwn", text: "*client_ip*\n192.0.2.1" },
            { type: "mrkdwn", text: "*attempted_username*\n@everyone" },
            { type: "mrkdwn", text: "*instance*\ndb.example:5432" },
          ],
        },
        { type: "context", elements: [{ type: "mrkdwn", text: "Eider · 2026-03-04T05:06:07.000Z" }] },
      ],
    }],
  });
});

Deno.test("discord gets an embed and may mention nobody", () => {
  const body = alertBody({ ...payload, status: "resolved" }, "discord") as {
    allowed_mentions: unknown;
    embeds: { title: string; color: number; fields: unknown[]; timestamp: string }[];
  };
  assert.deepEqual(body.allowed_mentions, { parse: [] });
  assert.equal(body.embeds[0]?.title, "Resolved: PGWireAuthFailures");
  assert.equal(body.embeds[0]?.color, 0x2e8540);
  assert.deepEqual(body.embeds[0]?.fields[0], { name: "client_ip", value: "192.0.2.1", inline: true });
});

Deno.test("teams gets a message with an adaptive card, its Markdown escaped", () => {
  const body = alertBody(payload, "teams") as {
    type: string;
    attachments: { contentType: string; content: { type: string; version: string; body: Record<string, unknown>[] } }[];
  };
  assert.equal(body.type, "message");
  const [attachment] = body.attachments;
  assert.equal(attachment?.contentType, "application/vnd.microsoft.card.adaptive");
  assert.deepEqual([attachment?.content.type, attachment?.content.version], ["AdaptiveCard", "1.4"]);
  assert.equal(attachment?.content.body[0]?.["color"], "Warning");
  assert.match(String(attachment?.content.body[1]?.["text"]), /\\\*b\\\*"$/);
  const factSet = attachment?.content.body[3]?.["facts"] as { title: string; value: string }[];
  assert.deepEqual(factSet[1], { title: "attempted_username", value: "@everyone" });
});

Deno.test("no text is longer than the service takes, and none is cut inside of a character", () => {
  const long = { ...payload, summary: "😀".repeat(5_000), description: "d".repeat(10_000) };
  for (const format of ["slack", "discord", "teams"] as const) {
    const text = JSON.stringify(alertBody({ ...long, context: { client_ip: "x".repeat(5_000) } }, format));
    assert.ok(text.length < 28_000, `${format}: ${text.length}`);
    assert.ok(text.isWellFormed(), format);
  }
  const slack = alertBody(long, "slack") as { attachments: { blocks: { text?: { text: string } }[] }[] };
  for (const block of slack.attachments[0]?.blocks ?? []) assert.ok((block.text?.text.length ?? 0) <= 3_000);
  const discord = alertBody(long, "discord") as { content: string; embeds: { description: string }[] };
  assert.ok(discord.content.length <= 2_000 && (discord.embeds[0]?.description.length ?? 0) <= 4_096);
});
