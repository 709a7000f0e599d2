/** Where one report and what belongs to it are kept. */
export interface Place {
  merchant: string;
  /** The provider's vendor. */
  provider: string;
  /** `2026-11-24` or `payout-<the provider's id>`. */
  name: string;
}

const DAY = 86_400_000;
const NAME = /^(\d{4}-\d\d-\d\d|payout-[A-Za-z0-9_-]{1,80})$/;

/** What the API calls a report of a merchant. */
export function reportId({ provider, name }: Place): string {
  return `${provider}.${name}`;
}

/** Undefined for an id that no report can have. */
export function placeOf(merchant: string, id: string): Place | undefined {
  const [provider = '', ...rest] = id.split('.');
  const name = rest.join('.');
  return /^[a-z][a-z0-9-]{0,40}$/.test(provider) && NAME.test(name)
    ? { merchant, provider, name }
    : undefined;
}

/** As errands name it: `<merchant>/<provider>/<name>`. */
export function placeName({ merchant, provider, name }: Place): string {
  return `${merchant}/${provider}/${name}`;
}

/** Undefined for what is no such name. */
export function parsePlace(text: string): Place | undefined {
  const [merchant = '', provider = '', name = '', ...more] = text.split('/');
  return merchant && more.length === 0 ? placeOf(merchant, `${provider}.${name}`) : undefined;
}

/** The day (UTC) that a place is about, from its first moment to the next day's; undefined for a payout. */
export function windowOf({ name }: Pick<Place, 'name'>): { from: number; to: number } | undefined {
  const from = Date.parse(`${name}T00:00:00Z`);
  return Number.isNaN(from) ? undefined : { from, to: from + DAY };
}

/** `2026-11-24`, in UTC. */
export function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

/** The payout that a place is about; undefined for a day. */
export function payoutIn({ name }: Place): string | undefined {
  return /^payout-(.+)$/.exec(name)?.[1];
}

/** The report without its rows. */
export function reportKey(place: Place): string {
  return `payment-reconciliation/${placeName(place)}`;
}

/** A part of a report's rows; each version has its own, so that who reads one never sees another. */
export function rowsKey(place: Place, version: number, part: number): string {
  return `payment-reconciliation-rows/${placeName(place)}/${version}.${part}`;
}

/** How far the making of a report has come. */
export function cursorKey(place: Place): string {
  return `payment-reconciliation-cursor/${placeName(place)}`;
}

/** What has been gathered for a report so far. */
export function partKey(place: Place, part: number): string {
  return `payment-reconciliation-part/${placeName(place)}/${part}`;
}

/** A merchant's reports, the newest first. */
export function reportList(merchant: string): string {
  return `payments/reconciliations/${merchant}`;
}

/** The last moment that a date can have: lists count upwards, so the newest are filed by what is left until then. */
const END_OF_TIME = 8_640_000_000_000_000;

/** Files the newest first. */
export function newestFirst(moment: number): number {
  return END_OF_TIME - moment;
}
