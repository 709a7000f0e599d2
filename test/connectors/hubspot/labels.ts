import type { Hubspot } from './world.ts';

/** Defines association labels from companies to contacts, as an administrator does once. */
export async function defineLabels(hubspot: Pick<Hubspot, 'baseUrl' | 'secret'>, labels: readonly string[]) {
  const { accessToken } = JSON.parse(JSON.stringify(hubspot.secret)).auth;
  for (const label of labels) {
    const name = label.toLowerCase().replaceAll(' ', '_');
    const answer = await fetch(`${hubspot.baseUrl}/crm/v4/associations/companies/contacts/labels`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ label, name }),
    });
    const said = await answer.text();
    if (answer.status !== 200 && !said.includes('already exists'))
      throw new Error(`label ${label}: ${answer.status} ${said}`);
  }
}
