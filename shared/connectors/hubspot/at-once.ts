/** Calls of one piece of work under way at the same time, where HubSpot takes one record per call. */
const AT_ONCE = 5;

/** Does the same for each, a few at a time, in their order. */
export async function eachOf<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(task))));
  return results;
}
