import type { Http } from '../../engine/ports.ts';
import type { PageEvent } from './pager.ts';

/** Sends each page as JSON to one address; rejects unless that answers 2xx. */
export function pagePost(http: Http, url: string): (event: PageEvent) => Promise<void> {
  return async (event) => {
    const { alert } = event;
    const body = JSON.stringify({
      kind: event.kind,
      key: alert.key,
      flow: alert.flow,
      title: alert.title,
      text: alert.text,
      since: new Date(alert.since).toISOString(),
      at: new Date(event.at).toISOString(),
    });
    const response = await http({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body,
      timeout: 10_000,
    });
    if (response.status < 200 || response.status > 299)
      throw new Error(`the pager's address answered ${response.status}`);
  };
}
