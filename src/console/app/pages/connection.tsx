/** How a client connects to a workspace: the values, and lines to paste for the common ones. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { CodeBlock, CopyLine } from "../ui/copy.tsx";
import type { Connection } from "./data.ts";

/** What stands for the password where it is not known any more. */
const unknownPassword = "PASSWORD";

export function ConnectionCard({ connection }: { connection: Connection }) {
  const snippets = snippetsFor(connection);
  const [chosen, setChosen] = useState(snippets[0]?.name ?? "");
  const text = snippets.find(({ name }) => name === chosen)?.text ?? "";
  return (
    <div class="connection">
      <div class="copy-lines">
        <CopyLine label="Host" value={connection.host} />
        <CopyLine label="Port" value={String(connection.port)} />
        <CopyLine label="Database" value={connection.database} />
        <CopyLine label="User" value={connection.username} />
        {connection.password !== undefined && <CopyLine label="Password" value={connection.password} />}
        <CopyLine label="SSL mode" value={connection.ssl_mode} />
      </div>
      <div class="tabs" role="tablist" aria-label="Clients">
        {snippets.map(({ name }) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === chosen}
            onClick={() => setChosen(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <CodeBlock text={text} what={`the lines for ${chosen}`} />
    </div>
  );
}

export interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** Ready to paste, with the password where it is known. */
export function snippetsFor(connection: Connection): Snippet[] {
  const { host, port, database, username, ssl_mode: sslMode } = connection;
  const password = connection.password ?? unknownPassword;
  const query = "select * from information_schema.tables limit 5";
  const isTls = sslMode === "require";
  return [
    {
      name: "psql",
      text: `psql "postgresql://${username}:${
        encodeURIComponent(password)
      }@${host}:${port}/${database}?sslmode=${sslMode}"`,
    },
    {
      name: "Python",
      text: [
        "# pip install psycopg[binary]",
        "import psycopg",
        "",
        "connection = psycopg.connect(",
        `    host="${host}", port=${port}, dbname="${database}",`,
        `    user="${username}", password="${password}", sslmode="${sslMode}",`,
        ")",
        `for row in connection.execute("${query}"):`,
        "    print(row)",
      ].join("\n"),
    },
    {
      name: "R",
      text: [
        '# install.packages("RPostgres")',
        "library(DBI)",
        "connection <- dbConnect(",
        "  RPostgres::Postgres(),",
        `  host = "${host}", port = ${port}, dbname = "${database}",`,
        `  user = "${username}", password = "${password}", sslmode = "${sslMode}"`,
        ")",
        `dbGetQuery(connection, "${query}")`,
      ].join("\n"),
    },
    {
      name: "JDBC",
      text: `jdbc:postgresql://${host}:${port}/${database}?user=${username}&password=${
        encodeURIComponent(password)
      }&sslmode=${sslMode}`,
    },
    {
      name: "Node.js",
      text: [
        "// npm install pg",
        'import pg from "pg";',
        "",
        "const client = new pg.Client({",
        `  host: "${host}", port: ${port}, database: "${database}",`,
        `  user: "${username}", password: "${password}",`,
        ...(isTls ? ["  ssl: { rejectUnauthorized: false }, // or { ca } with the server's certificate"] : []),
        "});",
        "await client.connect();",
        `console.table((await client.query("${query}")).rows);`,
        "await client.end();",
      ].join("\n"),
    },
    {
      name: "Environment",
      text: [
        `export PGHOST=${host} PGPORT=${port} PGDATABASE=${database}`,
        `export PGUSER=${username} PGPASSWORD='${password}' PGSSLMODE=${sslMode}`,
      ].join("\n"),
    },
  ];
}
