/** Parts of the plain tables of pages: their head, and what is done to a row. */
/// <reference lib="dom" />

/** A column's title; of numbers, which stand at the right. */
export type ColumnTitle = string | { readonly number: string };

/** `actions`: the last column has buttons and no visible title. */
export function TableHead({ columns, actions = false }: { columns: readonly ColumnTitle[]; actions?: boolean }) {
  return (
    <thead>
      <tr>
        {columns.map((column) =>
          typeof column === "string"
            ? <th key={column} scope="col">{column}</th>
            : <th key={column.number} scope="col" class="number">{column.number}</th>
        )}
        {actions && (
          <th>
            <span class="unseen">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

/** Takes something away from a row's thing. `name` says of which, for who does not see the row. */
export function DangerButton({ label, name, onClick }: { label: string; name: string; onClick: () => void }) {
  return <button type="button" class="small danger" aria-label={name} onClick={onClick}>{label}</button>;
}
