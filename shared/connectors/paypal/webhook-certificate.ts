import { X509Certificate } from 'node:crypto';
import { Fault } from '../../engine/fault.ts';
import type { Millis } from '../../engine/ports.ts';
import type { Session } from '../../engine/session.ts';
import { VENDOR } from './faults.ts';
import { isLoopback, type PaypalSecret } from './schema.ts';

const OPERATION = 'webhook.certificate';
/** Live certificates and those of PayPal's sandbox. */
const NAME = /^messageverificationcerts\.(sandbox\.)?paypal\.com$/;
/** Kept at most so long, and never past its own end. */
const KEPT: Millis = 86_400_000;
const MOST = 8;

/** Certificates that were fetched and found good, by their address. */
export type Certificates = Map<string, { certificate: X509Certificate; until: Millis }>;

/** Says why an address is none that certificates may come from; asked before anything is fetched. */
export function addressProblem(address: string, secret: PaypalSecret): string | undefined {
  const url = URL.parse(address);
  if (url?.username !== '' || url.password !== '') return 'the certificate has no usable address';
  if (secret.webhookRoots !== undefined && isLoopback(secret.baseUrl))
    return url.origin === new URL(secret.baseUrl).origin
      ? undefined
      : 'the certificate is not of this sandbox';
  const ours = url.hostname === 'paypal.com' || url.hostname.endsWith('.paypal.com');
  if (url.protocol !== 'https:' || url.port !== '' || !ours) return 'the certificate is not at paypal.com';
  return undefined;
}

/** The certificate behind an address that was found good, or why it is none of PayPal's. */
export async function certificateAt(
  session: Session,
  { address, secret, cache }: { address: string; secret: PaypalSecret; cache: Certificates },
): Promise<X509Certificate | string> {
  const now = session.now();
  const kept = cache.get(address);
  if (kept && kept.until > now) return kept.certificate;
  const chain = chainIn(await fetchText(session, address));
  const problem = chainProblem(chain, secret, now);
  const [certificate] = chain;
  if (problem !== undefined || !certificate) return problem ?? 'the certificate cannot be read';
  // Addresses are PayPal's, so there are few; a flood of them must not fill the memory.
  if (cache.size >= MOST) cache.clear();
  cache.set(address, { certificate, until: Math.min(now + KEPT, certificate.validToDate.getTime()) });
  return certificate;
}

/** Trouble here is no forgery: the fault makes the receiver answer 5xx, and PayPal sends again. */
async function fetchText(session: Session, url: string): Promise<string> {
  const response = await session.send({
    operation: OPERATION,
    effect: 'read',
    method: 'GET',
    url,
    headers: { accept: '*/*' },
    timeout: 4_000,
  });
  if (response.status === 200) return response.body;
  throw new Fault('unavailable', {
    vendor: VENDOR,
    operation: OPERATION,
    status: response.status,
    message: `the certificate that signed a webhook could not be fetched: ${response.status}`,
  });
}

function chainIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.slice(0, 5).map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

/**
 * Each certificate must be in date and signed by the next one, and the first must bear PayPal's name. That the last
 * one is a public authority's is vouched for by the TLS connection to paypal.com that it came over; a sandbox, which
 * has none, must end at a root of the secret.
 */
function chainProblem(
  chain: readonly X509Certificate[],
  secret: PaypalSecret,
  now: Millis,
): string | undefined {
  const [leaf] = chain;
  const last = chain.at(-1);
  if (!leaf || !last) return 'the certificate cannot be read';
  const isCurrent = (each: X509Certificate) =>
    each.validFromDate.getTime() <= now && now < each.validToDate.getTime();
  if (!chain.every(isCurrent)) return 'the certificate is not valid now';
  if (!NAME.test(commonName(leaf))) return 'the certificate has another name than PayPal uses';
  const linked = chain.every((each, at) => {
    const issuer = chain[at + 1];
    return issuer === undefined || isIssuedBy(each, issuer);
  });
  if (!linked) return 'the chain of certificates is broken';
  if (secret.webhookRoots === undefined) return undefined;
  const roots = secret.webhookRoots.flatMap(chainIn);
  const rooted = roots.some((root) => root.fingerprint256 === last.fingerprint256 || isIssuedBy(last, root));
  return rooted ? undefined : 'the certificate is not signed by a known root';
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function commonName({ subject }: X509Certificate): string {
  return subject.match(/^CN=(.+)$/m)?.[1] ?? '';
}
