import type { Alert } from '../../engine/health.ts';
import type { Millis } from '../../engine/ports.ts';

/** A page is told again after this long, so that nobody forgets it. */
export const REMIND_AFTER: Millis = 4 * 3_600_000;

export type PageKind = 'opened' | 'reminder' | 'closed';

export interface PageEvent {
  kind: PageKind;
  alert: Alert;
  at: Millis;
}

/** Open alerts by key, and when each was last told. */
export type OpenPages = ReadonlyMap<string, { alert: Alert; toldAt: Millis }>;

export const noPages: OpenPages = new Map();

/** Pure: compares what is wrong now with what people have been told. */
export function pageTransitions(
  open: OpenPages,
  alerts: readonly Alert[],
  now: Millis,
): { open: OpenPages; events: PageEvent[] } {
  const next = new Map<string, { alert: Alert; toldAt: Millis }>();
  const events: PageEvent[] = [];
  for (const alert of alerts) {
    const known = open.get(alert.key);
    const due = known === undefined || (alert.severity === 'page' && now - known.toldAt >= REMIND_AFTER);
    if (due) events.push({ kind: known ? 'reminder' : 'opened', alert, at: now });
    next.set(alert.key, { alert, toldAt: due ? now : known.toldAt });
  }
  for (const [key, { alert }] of open) {
    if (!next.has(key) && alert.severity === 'page') events.push({ kind: 'closed', alert, at: now });
  }
  return { open: next, events };
}

/** The block that appears on the terminal. */
export function pageText(event: PageEvent): string {
  const { alert } = event;
  const since = `${new Date(alert.since).toISOString().slice(0, 19)}Z`;
  if (event.kind === 'closed') return `SOLVED  ${alert.title} (since ${since})`;
  const mark = alert.severity === 'notice' ? 'NOTICE' : event.kind === 'reminder' ? 'STILL' : 'PAGE';
  const lines = [`since ${since}`, ...alert.text.split('\n')].filter((line) => line.trim() !== '');
  return [`${mark.padEnd(6)}  ${alert.title}`, ...lines.map((line) => `        ${line}`)].join('\n');
}

export interface PagerOptions {
  /** One block of text per page. */
  say(text: string): void;
  /** Sends the page to a service; rejects when it did not arrive. */
  post?: (event: PageEvent) => Promise<void>;
}

export interface Pager {
  /** All alerts of all flows, as they are now. */
  tell(alerts: readonly Alert[], now: Millis): Promise<void>;
  open(): readonly Alert[];
}

/** A page that could not be sent is sent again at the next look; the terminal shows it once. */
export function startPager(options: PagerOptions): Pager {
  let pages = noPages;
  let unsent: readonly PageEvent[] = [];
  return {
    open: () => [...pages.values()].map((each) => each.alert),
    async tell(alerts, now) {
      const { open, events } = pageTransitions(pages, alerts, now);
      pages = open;
      for (const event of events) options.say(pageText(event));
      if (options.post) unsent = await postAll(options.post, [...unsent, ...events]);
    },
  };
}

async function postAll(
  post: (event: PageEvent) => Promise<void>,
  events: readonly PageEvent[],
): Promise<PageEvent[]> {
  const failed: PageEvent[] = [];
  for (const event of events) {
    await post(event).catch(() => failed.push(event));
  }
  return failed.slice(-100);
}
