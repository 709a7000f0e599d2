import { sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Authority, type Leaf, makeAuthority, makeLeaf } from './sandbox-certificate.ts';

/** Signs webhooks as PayPal does, with certificates that it hands out itself. */
export class Signer {
  #authority: Authority | undefined;
  readonly #leaves = new Map<number, Leaf>();
  #current = 1;

  /** What a secret must hold to trust the sandbox. */
  get root(): string {
    return this.#made().pem;
  }

  /** From now on another key signs; the old certificate stays where it is. */
  rotate(): void {
    this.#current += 1;
  }

  /** The chain behind `/v1/notifications/certs/CERT-SANDBOX-<n>`; undefined for one that never signed. */
  chain(number: number): string | undefined {
    if (number < 1 || number > this.#current) return undefined;
    return `${this.#leaf(number).pem}${this.#made().pem}`;
  }

  headers(of: { id: string; at: number; webhookId: string; body: string; base: string; forged: boolean }) {
    const time = `${new Date(of.at).toISOString().slice(0, 19)}Z`;
    const message = `${of.id}|${time}|${of.webhookId}|${crc32(of.body)}`;
    const { key } = of.forged ? makeLeaf(this.#made(), { serial: 99 }) : this.#leaf(this.#current);
    return {
      'paypal-transmission-id': of.id,
      'paypal-transmission-time': time,
      'paypal-transmission-sig': sign('RSA-SHA256', Buffer.from(message), key).toString('base64'),
      'paypal-cert-url': `${of.base}/v1/notifications/certs/CERT-SANDBOX-${this.#current}`,
      'paypal-auth-algo': 'SHA256withRSA',
    };
  }

  #made(): Authority {
    this.#authority ??= makeAuthority();
    return this.#authority;
  }

  #leaf(number: number): Leaf {
    const kept = this.#leaves.get(number);
    if (kept) return kept;
    const leaf = makeLeaf(this.#made(), { serial: 1 + number });
    this.#leaves.set(number, leaf);
    return leaf;
  }
}
