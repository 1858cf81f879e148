// Rows of cells as text: for a terminal, and as Markdown. The first column is words, the others are figures.

export type Cells = readonly string[];

export function textTable(rows: readonly Cells[], indent = ""): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "));
  return lines.map((line) => `${indent}${line}`).join("\n");
}

export function markdownTable([head = [], ...rows]: readonly Cells[]): string {
  const line = (cells: Cells): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map((_, column) => (column === 0 ? "---|" : "---:|")).join("")}`, ...rows.map(line)].join("\n");
}
