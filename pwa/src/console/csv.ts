/** Rows as a spreadsheet opens them: CSV (RFC 4180) in UTF-8, with the mark by which Excel knows that it is. */

const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would run

export const csv = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;

function cell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
