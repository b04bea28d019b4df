/** Lays out rows of the same keys as columns under these keys, with a dash for null; at least one row. */
export function renderTable(rows: readonly object[]): string {
  const header = Object.keys(rows[0] ?? {});
  const lines = [header.map((key) => key.toUpperCase()), ...rows.map((row) => Object.values(row).map(cell))];
  const widths = header.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null) return '-';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
