import { Fault } from '../../engine/fault.ts';
import type { WriteResult } from '../../engine/resource.ts';
import { VENDOR } from './faults.ts';
import { errorField, lacksProperty, safeWords } from './safe-words.ts';
import type { HubspotError } from './schema.ts';

/** One error item of a batch, as the result of the record it names; `sent` are values that must not be repeated. */
export function recordFailure(error: HubspotError, operation: string, sent: readonly string[]): WriteResult {
  const field = errorField(error);
  const details = { vendor: VENDOR, operation, ...(field === undefined ? {} : { field }) };
  const words = safeWords(error, sent);
  if (error.category === 'OBJECT_NOT_FOUND') return { ok: false, lost: true };
  if (isConflict(error)) {
    const holder = error.message?.match(/Existing ID: (\d{1,20})/)?.[1] ?? 'another record';
    const message = `a value that must be unique is held by ${kindOf(operation)} ${holder} in HubSpot: ${words}; correct one of them, or merge them there`;
    return { ok: false, fault: new Fault('conflict', { ...details, message }) };
  }
  if (error.category === 'RATE_LIMITS')
    return {
      ok: false,
      fault: new Fault('rate-limited', { ...details, message: words, retryAfter: 10_000 }),
    };
  if (error.category === 'INTERNAL_ERROR') {
    const message = `HubSpot failed on this record, which may have been written all the same: ${words}`;
    return { ok: false, fault: new Fault('unknown-outcome', { ...details, message }) };
  }
  const message = `HubSpot refuses ${field ? `property ${field}` : 'this record'}: ${words}`;
  const kind = lacksProperty(error) ? 'contract-changed' : 'rejected';
  return { ok: false, fault: new Fault(kind, { ...details, message }) };
}

/** The wording is not documented; it is recognised by category, by code and by the words seen in practice. */
function isConflict(error: HubspotError): boolean {
  if (error.category === 'CONFLICT' || error.status === '409') return true;
  const codes = error.errors?.map((each) => each.code ?? '') ?? [];
  if (codes.some((code) => /DUPLICATE|CONFLICT|ALREADY_EXISTS/.test(code))) return true;
  return /\balready (exists|has)\b/i.test(error.message ?? '');
}

/** What the records of a call are, in the singular. */
function kindOf(operation: string): string {
  return operation.startsWith('companies') ? 'company' : 'contact';
}
