/** Durations and moments as people read them; `ms` since 1970 or lengths in milliseconds. */

/** `42 s`, `5 min`, `3 h`, `2 days`: one unit, rounded down. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `5 min ago`, or `never`. */
export function ago(at: number | undefined, now: number): string {
  return at === undefined ? 'never' : `${duration(now - at)} ago`;
}

/** `2026-01-31 14:05:09 UTC`. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Thousands apart: `14,203`. */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}

/** `1 record`, `2 records`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A field's value on a page; nothing and blank look the same to people and are told apart here. */
export function shown(value: string | number | boolean | null | undefined): string {
  if (value === undefined || value === null) return '–';
  return value === '' ? '(blank)' : String(value);
}

/** The words of a text, in lines of at most `width`; a longer word stands alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** How far a backfill is, in words. */
export function backfillText(backfill: {
  sent: number;
  total?: number | undefined;
  finishedAt?: number | undefined;
}): string {
  const of = backfill.total === undefined ? '' : ` of ${count(backfill.total)}`;
  return backfill.finishedAt === undefined
    ? `${count(backfill.sent)}${of} sent`
    : `finished, ${plural(backfill.sent, 'record')}`;
}

/** The sentence an operator waits for. */
export function auditText(audit: { agree: number; differ: number; explained: number }): string {
  const total = audit.agree + audit.differ + audit.explained;
  const differ = audit.differ === 0 ? '' : `, ${count(audit.differ)} differ`;
  const explained = audit.explained === 0 ? '' : `, ${count(audit.explained)} explained`;
  return `${count(audit.agree)} of ${count(total)} agree${differ}${explained}`;
}
