import type { HubspotError } from './schema.ts';

/** Codes of HubSpot's validation errors that we say in our own words, because HubSpot's contain the value. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  PROPERTY_DOESNT_EXIST: 'the property does not exist in this account; create it, or correct the mapping',
  INVALID_EMAIL: 'HubSpot does not accept this e-mail address',
  INVALID_OPTION: 'the value is not one of the options of the property',
  INVALID_DATE: 'the value is not a date as HubSpot writes it',
  INVALID_INTEGER: 'the value is not a whole number',
  INVALID_LONG: 'the value is not a whole number',
  INVALID_NUMERIC: 'the value is not a number',
  READ_ONLY_VALUE: 'the property is read-only',
};

const MAX_WORDS = 240;

/**
 * What HubSpot said of an error, without data: e-mail addresses, quoted text, numbers of five digits or more
 * and every value in `sent` are replaced. A JSON tail (HubSpot embeds one that repeats the value) is cut.
 */
export function safeWords(error: HubspotError, sent: readonly string[] = []): string {
  const detail = error.errors?.[0];
  const code = errorCode(error);
  const own = code === undefined ? undefined : OWN_WORDS[code];
  if (own !== undefined) return `${own} (${code})`;
  const words = redact(detail?.message ?? error.message ?? 'no message', sent);
  return code === undefined ? words : `${words} (${code})`;
}

/** The property that a validation error is about, from any of the places where HubSpot puts it. */
export function errorField(error: HubspotError): string | undefined {
  for (const each of [...(error.errors ?? []), error]) {
    const named = each.context?.propertyName ?? each.context?.property;
    const name = Array.isArray(named) ? named[0] : named;
    if (name !== undefined && isName(name)) return name;
  }
  const inside = error.errors?.[0]?.in ?? error.message?.match(/"name":"([a-z0-9_]+)"/)?.[1];
  if (inside !== undefined && inside !== null && isName(inside)) return inside;
  return error.message?.match(/[Pp]roperty "([a-z0-9_]+)"/)?.[1];
}

/** A property that the account does not have (any more): every record would be refused for it. */
export function lacksProperty(error: HubspotError): boolean {
  return errorCode(error) === 'PROPERTY_DOESNT_EXIST';
}

/** `PROPERTY_DOESNT_EXIST` and the like; undefined for anything that does not look like a code. */
function errorCode(error: HubspotError): string | undefined {
  const code = error.errors?.[0]?.code ?? error.message?.match(/"error":"([A-Z0-9_]+)"/)?.[1];
  return code !== undefined && code !== null && /^[A-Z][A-Z0-9_]{2,59}$/.test(code) ? code : undefined;
}

/** Replaces what may be data; keeps the sentence readable. */
export function redact(words: string, sent: readonly string[] = []): string {
  let text = words.replace(/:?\s*[[{].*$/s, '');
  for (const value of [...sent].filter((each) => each.length > 1).sort((a, b) => b.length - a.length)) {
    text = text.replaceAll(value, '…');
  }
  return text
    .replaceAll(/\S*@\S*/g, '(an e-mail address)')
    .replaceAll(/"[^"]*"|'[^']*'|“[^”]*”|`[^`]*`/g, '"…"')
    .replaceAll(/\+?\d[\d ().-]{3,}\d/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_WORDS);
}

function isName(text: string): boolean {
  return /^[a-z][a-z0-9_]{0,99}$/.test(text);
}
