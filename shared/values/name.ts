/**
 * Invisible characters that carry no meaning in a name or an address line: control characters, zero-width
 * space and byte-order mark, and the bidirectional overrides that can make text read as something else.
 * Joiners (U+200C, U+200D) stay: Persian, Indic names and emoji need them.
 */
const INVISIBLE = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * One line of text as two systems can agree on it: NFC, no invisible characters, every run of white space one
 * blank, none at the ends. Never shortens and never changes letter case.
 */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(INVISIBLE, '')
    .replaceAll(LONE_SURROGATE, '')
    .normalize('NFC')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

/** The cleaned text, or null where nothing visible is left; absent and null come back as null. */
export function textOrNull(text: string | null | undefined): string | null {
  const clean = cleanText(text ?? '');
  return clean === '' ? null : clean;
}

/** Length in characters (Unicode code points), as vendors state their limits; not in UTF-16 units or bytes. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
