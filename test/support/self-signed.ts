import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and a certificate for 127.0.0.1 that only those trust who are given it; made anew for each test run. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(0x30, der(0x31, der(0x30, oid(2, 5, 4, 3), der(0x0c, 'intertie test'))));
  const algorithm = der(0x30, oid(1, 2, 840, 10045, 4, 3, 2));
  const validity = der(0x30, der(0x17, '200101000000Z'), der(0x17, '491231235959Z'));
  const addresses = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
  const extension = der(0x30, oid(2, 5, 29, 17), der(0x04, addresses));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const facts = der(
    0x30,
    version,
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', facts, privateKey)]));
  const cert = der(0x30, facts, algorithm, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One ASN.1 value: tag, length, contents. */
function der(tag: number, ...contents: (Buffer | string)[]): Buffer {
  const inside = Buffer.concat(contents.map((each) => Buffer.from(each)));
  const { length } = inside;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), inside]);
}

function oid(first: number, second: number, ...rest: number[]): Buffer {
  const digits = rest.flatMap((part) => {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...digits]));
}
