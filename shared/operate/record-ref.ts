/** One record of a flow, as people and URLs name it. */
export interface RecordRef {
  collection: string;
  id: string;
}

/**
 * Reads `collection/id`, or a bare `id` where the flow has one collection. An id may itself hold slashes.
 * Undefined when the collection is missing or unknown: the caller lists those there are.
 */
export function parseRecordRef(text: string, collections: readonly string[]): RecordRef | undefined {
  const slash = text.indexOf('/');
  const named = slash > 0 ? text.slice(0, slash) : undefined;
  if (named !== undefined && collections.includes(named) && text.length > slash + 1) {
    return { collection: named, id: text.slice(slash + 1) };
  }
  const [only, ...more] = collections;
  if (only === undefined || more.length > 0 || text === '') return undefined;
  return { collection: only, id: text };
}

/** The opposite of `parseRecordRef`, safe as one part of a URL's path. */
export function recordPath(ref: RecordRef): string {
  return encodeURIComponent(`${ref.collection}/${ref.id}`);
}
