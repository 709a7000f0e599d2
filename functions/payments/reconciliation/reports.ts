import * as z from 'zod';
import { readDocument } from '../../../shared/engine/documents.ts';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import { csvOf } from './csv.ts';
import { newestFirst, type Place, placeOf, reportKey, reportList, rowsKey } from './places.ts';
import { type Report, ReportSchema, type Row, RowSchema, type Summary, SummarySchema } from './report.ts';
import { writeOver } from './write-over.ts';

/** Rows of one document: far below what a store takes. */
const ROWS = 400;
const RowsSchema = z.array(RowSchema);

/** Stores a report over the one that was there: its rows first, so that a summary never lacks them. */
export async function storeReport(
  documents: FiledDocuments,
  place: Place,
  made: Omit<Summary, 'version'>,
  rows: readonly Row[],
): Promise<Summary> {
  const before = await readDocument({ documents }, reportKey(place), SummarySchema);
  const version = (before?.version ?? 0) + 1;
  for (let part = 0; part * ROWS < rows.length; part += 1)
    await writeOver(documents, rowsKey(place, version, part), rows.slice(part * ROWS, (part + 1) * ROWS));
  const summary: Summary = { ...made, version };
  const at = newestFirst(momentOf(summary));
  await writeOver(documents, reportKey(place), summary, { list: reportList(place.merchant), at });
  return summary;
}

/** A day's report counts from its first moment, a payout's from the payout itself. */
export function momentOf({ scope, from, to }: Pick<Summary, 'scope' | 'from' | 'to'>): number {
  return scope === 'day' ? from : to;
}

/** The summary at a place; undefined when none was made. */
export async function readSummary(documents: FiledDocuments, place: Place): Promise<Summary | undefined> {
  return readDocument({ documents }, reportKey(place), SummarySchema);
}

/** A merchant's reports without their rows, the newest first. */
export async function listReconciliations(
  documents: FiledDocuments,
  merchant: string,
  { limit, after }: { limit: number; after?: string },
): Promise<Page<Summary>> {
  const { items, next } = await documents.listed(reportList(merchant), limit, after);
  const found = await Promise.all(items.map((key) => readDocument({ documents }, key, SummarySchema)));
  return { items: found.filter((each) => each !== undefined), ...(next !== undefined && { next }) };
}

/** A whole report; undefined when this merchant has none of that id. */
export async function getReconciliation(
  documents: FiledDocuments,
  merchant: string,
  id: string,
): Promise<Report | undefined> {
  const place = placeOf(merchant, id);
  const summary = place && (await readSummary(documents, place));
  if (!place || !summary) return undefined;
  const lines: Row[] = [];
  for (let part = 0; lines.length < summary.rows; part += 1) {
    const rows = await readDocument({ documents }, rowsKey(place, summary.version, part), RowsSchema);
    if (!rows) throw new Error(`report ${id} lacks a part of its rows: make it anew`);
    lines.push(...rows);
  }
  return { ...summary, lines };
}

/** What the API needs of reports. */
export const reconciliations = {
  summary: SummarySchema,
  report: ReportSchema,
  listReconciliations,
  getReconciliation,
  reconciliationCsv: async (documents: FiledDocuments, merchant: string, id: string) => {
    const report = await getReconciliation(documents, merchant, id);
    return report && csvOf(report);
  },
};
