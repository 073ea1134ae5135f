/**
 * The bodies that chat services take, made from the payload. Their limits, as their documentation gives them:
 * - Slack incoming webhook, Block Kit: header 150 characters, section 3,000, at most 10 fields of 2,000; `&`, `<`, `>` escaped.
 * - Discord webhook: embed title 256, description 4,096, at most 25 fields with names of 256 and values of 1,024.
 * - Teams workflow ("when a Teams webhook request is received"): a message with one Adaptive Card of at most 28 kB.
 * Mentions that a user name could carry (`@everyone`, `<!channel>`) are not followed.
 */
import { AppError } from "../../errors/app_error.ts";
import type { AlertPayload, AlertSeverity } from "./alert_types.ts";

export const alertFormats = ["json", "slack", "discord", "teams"] as const;
export type AlertFormat = (typeof alertFormats)[number];

const slackColors: Readonly<Record<AlertSeverity, string>> = {
  info: "#2f6feb",
  warning: "#d9822b",
  critical: "#c23030",
};
const teamsColors: Readonly<Record<AlertSeverity, string>> = {
  info: "Accent",
  warning: "Warning",
  critical: "Attention",
};
const resolvedColor = "#2e8540";

/** The request body in that format. */
export function alertBody(payload: AlertPayload, format: AlertFormat): unknown {
  switch (format) {
    case "json":
      return payload;
    case "slack":
      return slackBody(payload);
    case "discord":
      return discordBody(payload);
    case "teams":
      return teamsBody(payload);
    default: {
      const never: never = format;
      throw new AppError("internal", `unknown alert format: ${never}`);
    }
  }
}

function slackBody(payload: AlertPayload): unknown {
  const fields = facts(payload).slice(0, 10).map(([name, value]) => ({
    type: "mrkdwn",
    text: cut(`*${escapeSlack(name)}*\n${escapeSlack(value)}`, 2_000),
  }));
  return {
    text: cut(escapeSlack(headline(payload)), 3_000),
    attachments: [{
      color: color(payload),
      blocks: [
        { type: "header", text: { type: "plain_text", text: cut(title(payload), 150) } },
        { type: "section", text: { type: "mrkdwn", text: cut(escapeSlack(payload.summary), 3_000) } },
        { type: "section", text: { type: "mrkdwn", text: cut(escapeSlack(payload.description), 3_000) } },
        ...(fields.length === 0 ? [] : [{ type: "section", fields }]),
        { type: "context", elements: [{ type: "mrkdwn", text: `Eider · ${payload.timestamp}` }] },
      ],
    }],
  };
}

function discordBody(payload: AlertPayload): unknown {
  return {
    content: cut(headline(payload), 2_000),
    allowed_mentions: { parse: [] },
    embeds: [{
      title: cut(title(payload), 256),
      description: cut(`${payload.summary}\n\n${payload.description}`, 4_096),
      color: Number.parseInt(color(payload).slice(1), 16),
      timestamp: payload.timestamp,
      fields: facts(payload).slice(0, 25).map(([name, value]) => ({
        name: cut(name, 256),
        value: cut(value, 1_024),
        inline: true,
      })),
      footer: { text: "Eider" },
    }],
  };
}

function teamsBody(payload: AlertPayload): unknown {
  return {
    type: "message",
    attachments: [{
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          {
            type: "TextBlock",
            size: "Medium",
            weight: "Bolder",
            wrap: true,
            color: payload.status === "resolved" ? "Good" : teamsColors[payload.severity],
            text: escapeMarkdown(cut(title(payload), 256)),
          },
          { type: "TextBlock", wrap: true, text: escapeMarkdown(cut(payload.summary, 3_000)) },
          { type: "TextBlock", wrap: true, isSubtle: true, text: escapeMarkdown(cut(payload.description, 3_000)) },
          {
            type: "FactSet",
            facts: [...facts(payload), ["time", payload.timestamp] as const].slice(0, 25).map(([name, value]) => ({
              title: name,
              value: escapeMarkdown(cut(value, 500)),
            })),
          },
        ],
      },
    }],
  };
}

function title(payload: AlertPayload): string {
  return payload.status === "resolved"
    ? `Resolved: ${payload.alert}`
    : `${payload.severity.toUpperCase()}: ${payload.alert}`;
}

function headline(payload: AlertPayload): string {
  return `${title(payload)}: ${payload.summary}`;
}

function color(payload: AlertPayload): string {
  return payload.status === "resolved" ? resolvedColor : slackColors[payload.severity];
}

/** Context and labels for people; a label that repeats a value of the context is left out, and so is what is unknown. */
function facts(payload: AlertPayload): (readonly [string, string])[] {
  const shown: (readonly [string, string])[] = [];
  for (const [name, value] of [...Object.entries(payload.context), ...Object.entries(payload.labels)]) {
    if (value === null || String(value) === "" || shown.some(([, other]) => other === String(value))) continue;
    shown.push([name, String(value)]);
  }
  return shown;
}

/** Slack's control characters. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Adaptive Cards read links and emphasis in text. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]]/g, (character) => `\\${character}`);
}

/** At most so many UTF-16 units, not inside of a character. */
function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const end = /[\ud800-\udbff]/.test(text[charactersMax - 2] ?? "") ? charactersMax - 2 : charactersMax - 1;
  return `${text.slice(0, end)}…`;
}
