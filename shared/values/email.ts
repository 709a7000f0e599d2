import { type Parsed, parsed, unparsed } from './parsed.ts';

/** RFC 5321 §4.5.3.1: octets of the part before the @, and of the whole address in a mail transaction. */
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;

/** RFC 5322 dot-atom without quoting: what ticketing, CRM and mailing systems all accept. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** Letters, or an internationalised one in its ASCII form. */
const TOP = /^([a-z]{2,}|xn--[a-z0-9-]+)$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The form in which two spellings of one address are equal: no blanks at the ends, NFC, lower case. */
export function normaliseEmail(text: string): string {
  return text.normalize('NFC').trim().toLowerCase().normalize('NFC');
}

/**
 * The normalised address, if every system on the way takes it. Stricter than the RFC: no quoted local part, no
 * comments, no IP literal, a dot in the domain, ASCII only (few systems take internationalised addresses).
 */
export function parseEmail(text: string): Parsed<string> {
  const email = normaliseEmail(text);
  if (email === '') return unparsed('is empty');
  if (/[^\x21-\x7e]/.test(email)) return unparsed('has a blank or a character outside ASCII');
  const at = email.lastIndexOf('@');
  if (at < 0) return unparsed('has no @');
  return problem(email.slice(0, at), email.slice(at + 1)) ?? parsed(email);
}

function problem(local: string, domain: string): { ok: false; because: string } | undefined {
  if (local.length + 1 + domain.length > MAX_ADDRESS)
    return unparsed(`is longer than ${MAX_ADDRESS} characters`);
  if (local.length > MAX_LOCAL) return unparsed(`has more than ${MAX_LOCAL} characters before the @`);
  if (!LOCAL.test(local)) return unparsed('is malformed before the @');
  const labels = domain.split('.');
  if (labels.length < 2) return unparsed('has no dot after the @');
  if (!labels.every((label) => LABEL.test(label))) return unparsed('is malformed after the @');
  if (!TOP.test(labels.at(-1) ?? '')) return unparsed('does not end in a top-level domain');
  return undefined;
}
