import type { Millis } from '../../../shared/engine/ports.ts';
import { merchantOf, type Site } from '../site.ts';
import { changeEndpoint, type EndpointParts, readEndpoint } from './endpoint.ts';
import { secretFrom } from './sign.ts';

const HOUR = 3_600_000;
/** How long the secret before the newest still signs, unless the operator says otherwise. */
const OVERLAP_HOURS = 24;
const LONGEST_URL = 500;

/** What an operator asked for could not be done: which input is to blame, why, and what to do. */
export interface NotDone {
  ok: false;
  field: string;
  because: string;
  next: string;
}

/** An endpoint without its secrets. */
export interface ShownEndpoint {
  url?: string | undefined;
  disabled?: { at: Millis; why: string } | undefined;
  secrets: readonly { since: Millis; until?: Millis | undefined }[];
}

/**
 * Says where a merchant's events are posted. A new endpoint gets a secret, which is told here and never again; an
 * endpoint that was disabled works again, and what it missed can be replayed. `allowLoopback` for a host on the
 * merchant's own machine.
 */
export async function setEndpoint(
  ports: EndpointParts,
  site: Site,
  asked: { merchant: string; url: string; allowLoopback?: boolean },
): Promise<{ ok: true; url: string; secret?: string } | NotDone> {
  const { merchant, url } = asked;
  if (!merchantOf(site, merchant))
    return notDone(
      'merchant',
      `no merchant is called "${merchant}"`,
      'take one of functions/payments/site.ts',
    );
  const because = urlProblem(url, asked.allowLoopback ?? false);
  if (because !== undefined)
    return notDone('url', because, 'give the https address that the merchant told you');
  const fresh = await newSecret(ports);
  const written = await changeEndpoint(ports, merchant, (old) => ({
    schema: 1,
    url,
    secrets: old.url === undefined ? [fresh] : old.secrets,
  }));
  return { ok: true, url, ...(written.secrets.includes(fresh) && { secret: fresh.value }) };
}

/**
 * A new secret, told here and never again. For `hours` (24) both sign, so that the merchant can change over in peace;
 * 0 = the old one was stolen.
 */
export async function rotateSecret(
  ports: EndpointParts,
  { merchant, hours = OVERLAP_HOURS }: { merchant: string; hours?: number },
): Promise<{ ok: true; secret: string; oldUntil: Millis } | NotDone> {
  if (!(hours >= 0 && hours <= 720)) return notDone('hours', 'must be from 0 to 720', 'usually 24');
  if ((await readEndpoint(ports.documents, merchant))?.url === undefined)
    return notDone('merchant', `"${merchant}" has no endpoint`, 'set one first: it comes with a secret');
  const fresh = await newSecret(ports);
  const oldUntil = fresh.since + hours * HOUR;
  await changeEndpoint(ports, merchant, ({ secrets, ...rest }) => ({
    ...rest,
    secrets: [
      fresh,
      ...secrets
        .map((each) => ({ ...each, until: Math.min(each.until ?? oldUntil, oldUntil) }))
        .filter(({ until }) => until > fresh.since),
    ],
  }));
  return { ok: true, secret: fresh.value, oldUntil };
}

/** Nothing is posted for this merchant any more; its secrets are forgotten. */
export async function removeEndpoint(
  ports: EndpointParts,
  { merchant }: { merchant: string },
): Promise<{ ok: true }> {
  await changeEndpoint(ports, merchant, () => ({ schema: 1, secrets: [] }));
  return { ok: true };
}

/** Without its secrets; undefined when there is none. */
export async function showEndpoint(
  documents: EndpointParts['documents'],
  merchant: string,
): Promise<ShownEndpoint | undefined> {
  const endpoint = await readEndpoint(documents, merchant);
  if (endpoint?.url === undefined) return undefined;
  const { url, disabled, secrets } = endpoint;
  return { url, disabled, secrets: secrets.map(({ since, until }) => ({ since, until })) };
}

async function newSecret({ random, clock }: EndpointParts): Promise<{ value: string; since: Millis }> {
  return { value: await secretFrom(random.token(), random.token()), since: clock.now() };
}

function notDone(field: string, because: string, next: string): NotDone {
  return { ok: false, field, because, next };
}

/** What can be seen without resolving it; the host checks all of it again at each request. */
function urlProblem(text: string, allowLoopback: boolean): string | undefined {
  const url = URL.parse(text);
  if (!url || text.length > LONGEST_URL)
    return `must be an absolute URL of at most ${LONGEST_URL} characters`;
  const isLocal = allowLoopback && ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(isLocal && url.protocol === 'http:')) return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (url.hash !== '') return 'must not have a part after #: it would not be sent';
  if (url.port !== '' && Number(url.port) < 1024) return 'must have port 443 or one above 1023';
  return undefined;
}
