import { expect, test } from 'vitest';
import { type Provenance, refusalOf } from '../../../shared/hosts/embedded/guard.ts';

const own: Provenance = {
  method: 'GET',
  path: '/api/status',
  host: '127.0.0.1:4000',
  origin: undefined,
  fetchSite: undefined,
};

test.each<{ what: string; from: Partial<Provenance>; refused: boolean }>([
  { what: 'the address that was printed', from: {}, refused: false },
  { what: 'localhost', from: { host: 'localhost:4000' }, refused: false },
  { what: 'the IPv6 loopback', from: { host: '[::1]:4000' }, refused: false },
  { what: 'a name that was rebound to this machine', from: { host: 'evil.example:4000' }, refused: true },
  { what: 'a name that only begins like ours', from: { host: '127.0.0.1.evil.example' }, refused: true },
  { what: 'no host at all', from: { host: undefined }, refused: true },
  { what: 'a command line', from: { method: 'POST' }, refused: false },
  {
    what: 'a form of our own page',
    from: { method: 'POST', origin: 'http://127.0.0.1:4000', fetchSite: 'same-origin' },
    refused: false,
  },
  { what: 'a form of another page', from: { method: 'POST', origin: 'https://evil.example' }, refused: true },
  {
    what: 'a form of another port',
    from: { method: 'POST', origin: 'http://127.0.0.1:5000' },
    refused: true,
  },
  { what: 'a form without an origin', from: { method: 'POST', origin: 'null' }, refused: true },
  {
    what: 'a cross-site post that hides its origin',
    from: { method: 'POST', fetchSite: 'cross-site' },
    refused: true,
  },
  {
    what: 'a same-site post of another port',
    from: { method: 'POST', fetchSite: 'same-site' },
    refused: true,
  },
  { what: 'a link on another page', from: { fetchSite: 'cross-site' }, refused: false },
  {
    what: 'a webhook through a tunnel',
    from: { method: 'POST', path: '/hooks/orders/shop', host: 'tunnel.example' },
    refused: false,
  },
])('$what: refused $refused', ({ from, refused }) => {
  expect(refusalOf({ ...own, ...from })?.status).toBe(refused ? 403 : undefined);
});
