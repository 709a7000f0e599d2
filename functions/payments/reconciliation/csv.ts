import { exponentOf, formatMoney } from '../../../shared/values/money.ts';
import { adviceOn, type Report, type Row } from './report.ts';

const COLUMNS: readonly [string, (row: Row) => string][] = [
  ['kind', ({ kind }) => kind],
  ['of', (row) => row.of],
  ['at', ({ at }) => new Date(at).toISOString()],
  ['currency', ({ currency }) => word(currency)],
  ['expected', (row) => money(row.expected, row)],
  ['gross', (row) => money(row.gross, row)],
  ['fee', (row) => money(row.fee, row)],
  ['net', (row) => money(row.net, row)],
  ['payment', ({ payment }) => word(payment)],
  ['refund', ({ refund }) => word(refund)],
  ['reference', ({ reference }) => word(reference)],
  ['about', ({ about }) => word(about)],
  ['entry', ({ entry }) => word(entry)],
  ['payout', ({ payout }) => word(payout)],
  ['matched by', ({ by }) => by ?? ''],
  ['says', ({ says }) => word(says)],
  ['what to do', ({ kind }) => adviceOn(kind)],
];

/** Its rows as RFC 4180 has it, with a line of names; amounts as decimals of their currency. */
export function csvOf({ lines }: Pick<Report, 'lines'>): string {
  const table = [COLUMNS.map(([name]) => name), ...lines.map((row) => COLUMNS.map(([, of]) => of(row)))];
  return table.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** A currency that is none of ours is shown in the units it came in. */
function money(minor: number | undefined, { currency }: Row): string {
  if (minor === undefined) return '';
  return exponentOf(currency) === undefined ? String(minor) : formatMoney({ minor, currency });
}

/** Text that outsiders may have chosen: a spreadsheet would take what begins like this for a formula. */
function word(text: string | undefined): string {
  return /^[=+\-@\t\r]/.test(text ?? '') ? `'${text}` : (text ?? '');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
