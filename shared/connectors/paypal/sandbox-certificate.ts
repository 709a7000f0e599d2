import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

// X.509 certificates by hand: Node can read them and not make them. Only what is needed here of DER (X.690).

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const bytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
const bits = (bytes: Uint8Array) => der(0x03, Buffer.from([0]), bytes);
const integer = (value: number) => der(0x02, Buffer.from([value]));
const time = (text: string) => der(0x17, Buffer.from(text));

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence();
  return der(0xa3, sequence(sequence(oid('2.5.29.19'), der(0x01, Buffer.from([0xff])), der(0x04, value))));
}

/** Who signs certificates. */
export interface Authority {
  readonly name: string;
  readonly key: KeyObject;
  readonly pem: string;
}

interface Wanted {
  subject: string;
  publicKey: KeyObject;
  serial: number;
  isAuthority: boolean;
  issuer: { name: string; key: KeyObject };
  /** `YYMMDDHHMMSSZ`. */
  from: string;
  to: string;
}

function certificate({ subject, publicKey, serial, isAuthority, issuer, from, to }: Wanted): string {
  const content = sequence(
    der(0xa0, integer(2)),
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    basicConstraints(isAuthority),
  );
  const whole = sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, issuer.key)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const LONG = { from: '200101000000Z', to: '491231235959Z' };

/** A root of its own; nobody but a sandbox's secret trusts it. */
export function makeAuthority(name = 'PayPal sandbox root'): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name, key: privateKey };
  const pem = certificate({ subject: name, publicKey, serial: 1, isAuthority: true, issuer, ...LONG });
  return { name, key: privateKey, pem };
}

export interface Leaf {
  readonly key: KeyObject;
  readonly pem: string;
}

/** An RSA key as PayPal signs webhooks with, and its certificate. */
export function makeLeaf(
  authority: Authority,
  options: { subject?: string; serial?: number; from?: string; to?: string } = {},
): Leaf {
  const key = rsaKey(options.serial ?? 2);
  const pem = certificate({
    subject: options.subject ?? 'messageverificationcerts.sandbox.paypal.com',
    publicKey: createPublicKey(key),
    serial: options.serial ?? 2,
    isAuthority: false,
    issuer: authority,
    from: options.from ?? LONG.from,
    to: options.to ?? LONG.to,
  });
  return { key, pem };
}

/** RSA keys take long to make, so all sandboxes of a process share them. */
const keys = new Map<number, KeyObject>();

function rsaKey(serial: number): KeyObject {
  const kept = keys.get(serial);
  if (kept) return kept;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  keys.set(serial, privateKey);
  return privateKey;
}
