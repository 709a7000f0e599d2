import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLoopbackAddress, isPublicAddress } from '../../shared/hosts/public-address.ts';

const REFUSED: readonly [string, readonly string[]][] = [
  ['this network', ['0.0.0.0', '0.255.255.255']],
  ['private', ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1']],
  ['shared by a carrier', ['100.64.0.1', '100.127.255.255']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '::']],
  [
    'link-local, with the metadata of clouds',
    ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fe80::1%eth0'],
  ],
  ['unique local, with metadata too', ['fc00::1', 'fd00:ec2::254', 'fec0::1']],
  ['protocol assignments', ['192.0.0.1', '192.88.99.1', '2001::1', '2001:20::1']],
  [
    'documentation and benchmarks',
    ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1', '3fff::1'],
  ],
  ['multicast, reserved, broadcast', ['224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', 'ff02::1']],
  ['mapped', ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1']],
  ['translated', ['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '2002:7f00:1::', '2002:a00:1::1']],
  ['discard and other oddities', ['100::1', '5f00::1', '4000::1']],
  ['no address', ['', 'localhost', '1.2.3', '127.1', '0x7f000001', '1.2.3.4.5', '[::1]']],
];

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:200::1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::1',
];

describe.each(REFUSED)('%s', (_, addresses) => {
  test.each(addresses)('"%s" is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

test.each(PUBLIC)('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
  expect(isLoopbackAddress(address)).toBe(false);
});

test('only this machine is loopback', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1'].map(isLoopbackAddress)).toEqual([true, true, true]);
  expect(['10.0.0.1', '::2', '', 'localhost'].map(isLoopbackAddress)).toEqual([false, false, false, false]);
});

test('no IPv4 address becomes public by being written into an IPv6 address', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::'), (address, prefix) => {
      expect(isPublicAddress(`${prefix}${address}`)).toBe(false);
    }),
  );
});

test('whatever the text, the answer is yes or no', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (address) => {
      expect([true, false]).toContain(isPublicAddress(address));
    }),
  );
});
