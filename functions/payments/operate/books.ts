import * as z from 'zod';
import { CannotDo } from '../../../shared/engine/service.ts';
import { DisputeSchema, listDisputes } from '../disputes/disputes.ts';
import { csvOf } from '../reconciliation/csv.ts';
import { placeName, windowOf } from '../reconciliation/places.ts';
import { type Report, ReportSchema, SummarySchema } from '../reconciliation/report.ts';
import { getReconciliation, listReconciliations, momentOf } from '../reconciliation/reports.ts';
import { COLLECTION, SHOWN_AFTER } from '../reconciliation/run.ts';
import { listStray, StraySchema, settleStray } from '../reconciliation/stray.ts';
import { command, knownMerchant, merchantsAsked, type Office, Reason, Tick, whole } from './command.ts';
import { note } from './journal.ts';

/** Newest first. */
export const ReconciliationsAnswer = z.object({ items: z.array(SummarySchema) });
export const ReconciliationAnswer = ReportSchema;
export const CsvAnswer = z.object({ name: z.string(), csv: z.string() });
/** When each report will be made. */
export const ReconcileAnswer = z.object({
  items: z.array(z.object({ merchant: z.string(), provider: z.string(), day: z.string(), at: z.number() })),
});
/** Oldest first. */
export const StrayAnswer = z.object({ items: z.array(StraySchema) });
export const SettledAnswer = StraySchema;
/** Newest first. */
export const DisputesAnswer = z.object({ items: z.array(DisputeSchema) });

/** Looked through for reports with findings. */
const MOST = 400;

export const reconciliations = command(
  z.strictObject({
    merchant: z.string().optional(),
    findings: Tick.optional(),
    last: whole(1, 200).optional(),
  }),
  async (office, { merchant, findings = false, last = 30 }) => {
    const limit = findings ? MOST : last;
    const pages = await Promise.all(
      merchantsAsked(office, merchant).map(({ id }) =>
        listReconciliations(office.ports.documents, id, { limit }),
      ),
    );
    const items = pages
      .flatMap((page) => page.items)
      .filter((each) => !findings || each.findings > 0)
      .sort((a, b) => momentOf(b) - momentOf(a))
      .slice(0, last);
    return ReconciliationsAnswer.parse({ items });
  },
);

const OfReport = z.strictObject({ merchant: z.string(), id: z.string() });

export const reconciliation = command(OfReport, reportOf);

export const reconciliationCsv = command(OfReport, async (office, of) => ({
  name: `${of.merchant}-${of.id}.csv`,
  csv: csvOf(await reportOf(office, of)),
}));

async function reportOf(office: Office, { merchant, id }: z.infer<typeof OfReport>): Promise<Report> {
  knownMerchant(office, merchant);
  const report = await getReconciliation(office.ports.documents, merchant, id);
  if (report) return report;
  throw new CannotDo(
    'missing',
    `field "id": ${merchant} has no report "${id.slice(0, 80)}"`,
    '`reconciliations` lists them; `reconcile <day>` makes one',
  );
}

/** Has a day compared, again or for the first time; not before its provider can have shown all of it. */
export const reconcile = command(
  z.strictObject({
    day: z.string().regex(/^\d{4}-\d\d-\d\d$/, { error: 'must be a day such as 2026-11-24' }),
    merchant: z.string().optional(),
    provider: z.string().optional(),
  }),
  async (office, { day, merchant, provider }) => {
    const { ports } = office;
    const now = ports.clock.now();
    const places = merchantsAsked(office, merchant).flatMap(({ id, providers }) =>
      providers
        .filter(({ vendor }) => provider === undefined || vendor === provider)
        .map(({ vendor, settledAfter = SHOWN_AFTER }) => ({
          place: { merchant: id, provider: vendor, name: day },
          at: Math.max(now, (windowOf({ name: day })?.to ?? now) + settledAfter),
        })),
    );
    if (places.length === 0)
      throw new CannotDo(
        'missing',
        `field "provider": nobody is paid through "${provider}"`,
        '`providers` lists them',
      );
    const window = windowOf({ name: day });
    if (!window || window.from > now)
      throw new CannotDo('input', 'field "day" must be a day that has begun', 'give a day such as yesterday');
    for (const { place, at } of places)
      await ports.post({ collection: COLLECTION, id: placeName(place) }, at);
    await note(office, { what: 'reconciliation asked for', about: day });
    return ReconcileAnswer.parse({ items: places.map(({ place, at }) => ({ ...place, day, at })) });
  },
);

/** Money at providers that no payment explains, and that waits for a person. */
export const stray = command(z.strictObject({}), async ({ ports }) => ({
  items: await listStray(ports.documents),
}));

/** A person has found out what it was. */
export const settle = command(
  z.strictObject({
    provider: z.string(),
    name: z.string(),
    reason: Reason,
    by: z.string().max(80).optional(),
  }),
  async (office, { provider, name, reason, by = 'operator' }) => {
    const at = office.ports.clock.now();
    const settled = await settleStray(office.ports.documents, { provider, name }, { at, by, reason });
    if (!settled)
      throw new CannotDo(
        'missing',
        `field "name": there is no stray money "${provider}/${name}"`,
        '`stray` lists it',
      );
    await note(office, { what: 'stray money settled', about: `${provider}/${name}`, reason });
    return settled;
  },
);

/** What payers contested. */
export const disputes = command(
  z.strictObject({ merchant: z.string().optional(), last: whole(1, 500).optional() }),
  async (office, { merchant, last = 100 }) => {
    const pages = await Promise.all(
      merchantsAsked(office, merchant).map(({ id }) =>
        listDisputes(office.ports.documents, id, { limit: 500 }),
      ),
    );
    const items = pages.flatMap((page) => page.items).sort((a, b) => b.openedAt - a.openedAt);
    return { items: items.slice(0, last) };
  },
);
