import { Fault } from '../../engine/fault.ts';
import type { Fields, FieldValue } from '../../engine/fields.ts';
import { VENDOR } from './faults.ts';
import type { MarketingEvent } from './marketing-schema.ts';

const TEXTS = {
  name: 'eventName',
  organizer: 'eventOrganizer',
  type: 'eventType',
  description: 'eventDescription',
  url: 'eventUrl',
} as const;
const MOMENTS = { start: 'startDateTime', end: 'endDateTime' } as const;
const FLAGS = { cancelled: 'eventCancelled', completed: 'eventCompleted' } as const;

/**
 * Fields of a marketing event: `name`, `organizer`, `type`, `description`, `url` (text), `start` and `end`
 * (`2026-11-24T19:30:00.000Z`), `cancelled` and `completed` (booleans).
 */
export function eventFieldsIn(event: MarketingEvent, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fieldValue(event, name)]));
}

function fieldValue(event: MarketingEvent, name: string): FieldValue {
  if (isKey(TEXTS, name)) return event[TEXTS[name]] || null;
  if (isKey(FLAGS, name)) return event[FLAGS[name]] ?? false;
  if (!isKey(MOMENTS, name)) return null;
  const moment = Date.parse(event[MOMENTS[name]] ?? '');
  return Number.isNaN(moment) ? null : new Date(moment).toISOString();
}

/** As HubSpot takes them, without the flags that are true: those have calls of their own. */
export function eventBody(fields: Fields): Record<string, string | boolean> {
  const body: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isKey(TEXTS, name)) body[TEXTS[name]] = value === null ? '' : String(value);
    else if (isKey(FLAGS, name)) {
      if (value !== true) body[FLAGS[name]] = false;
    } else if (!isKey(MOMENTS, name)) throw unusable(name, 'a marketing event has no such field');
    // A moment cannot be cleared.
    else if (value !== null) body[MOMENTS[name]] = momentIn(name, value);
  }
  return body;
}

/** An instant as HubSpot takes it; a `rejected` fault for what is none. */
export function momentIn(field: string, value: FieldValue | undefined): string {
  const moment = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(moment)) throw unusable(field, 'it must be an instant such as 2026-11-24T19:30:00.000Z');
  return new Date(moment).toISOString();
}

function unusable(field: string, because: string): Fault {
  const message = `${field}: ${because}; correct the mapping`;
  return new Fault('rejected', { vendor: VENDOR, operation: 'marketing-events.write', field, message });
}

function isKey<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name);
}
