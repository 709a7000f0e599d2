/** Who belongs to a company: the labels of each contact, by our reference of it. */
export type Members = ReadonlyMap<string, readonly string[]>;

/** A reference or label with one of these could not be read back. */
const SEPARATORS = /[;:+]/;

/** Can it stand in the text? */
export function isMemberWord(word: string): boolean {
  return word !== '' && word === word.trim() && !SEPARATORS.test(word);
}

/**
 * Members as one field: `1001:A1+Household member;1002`, sorted, labels too; null when there are none. A
 * mapping writes the same text, so that equal members are equal fields. Throws for a word with `;`, `:` or `+`.
 */
export function membersText(members: Members): string | null {
  const parts = [...members].map(([ref, labels]) => {
    const words = [...new Set(labels)].sort();
    const bad = [ref, ...words].find((word) => !isMemberWord(word));
    if (bad !== undefined) throw new Error('a member or label is empty, or contains one of ; : +');
    return words.length === 0 ? ref : `${ref}:${words.join('+')}`;
  });
  return parts.length === 0 ? null : parts.sort().join(';');
}

/** The other way; undefined when it is no such text. */
export function membersIn(text: string): Members | undefined {
  const members = new Map<string, readonly string[]>();
  for (const part of text.split(';').filter((each) => each !== '')) {
    const [ref = '', labels, ...more] = part.split(':');
    const words = labels ? labels.split('+') : [];
    if (more.length > 0 || members.has(ref) || ![ref, ...words].every(isMemberWord)) return undefined;
    members.set(ref, words);
  }
  return members;
}
