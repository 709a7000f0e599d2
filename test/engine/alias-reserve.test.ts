import { describe, expect, test } from 'vitest';
import { aliasOf, reserve } from '../../shared/engine/alias.ts';
import { emptyBody } from '../../shared/engine/link.ts';
import { town } from './town.ts';

const key = (id: string) => ({ flow: 'test-flow', collection: 'person', id });
const WHILE = 60_000;

describe('a record of the target that is nobody’s yet', () => {
  test('is had by the first of two who want it, as long as that one is at it', async () => {
    const { ports } = town();
    const now = ports.clock.now();
    await ports.links.claim([{ key: key('1'), token: 'one', until: now + WHILE }], now);
    expect(await reserve(ports, key('1'), 't')).toBeUndefined();
    expect(await reserve(ports, key('1'), 't')).toBeUndefined();
    expect(await reserve(ports, key('2'), 't')).toBe('1');
    expect(await aliasOf(ports, key(''), 't')).toBe('1');
  });

  test('stays with the one whose link says so', async () => {
    const { ports } = town();
    const now = ports.clock.now();
    await reserve(ports, key('1'), 't');
    await ports.links.claim([{ key: key('1'), token: 'one', until: now + WHILE }], now);
    const body = { ...emptyBody, targetId: 't' };
    await ports.links.settle([{ key: key('1'), token: 'one', body, lease: 'release', rung: [] }]);
    expect(await reserve(ports, key('2'), 't')).toBe('1');
  });

  test('goes to the next one when the first has ended without it', async () => {
    const { ports } = town();
    const now = ports.clock.now();
    await ports.links.claim([{ key: key('1'), token: 'one', until: now + WHILE }], now);
    await reserve(ports, key('1'), 't');
    await ports.links.settle([{ key: key('1'), token: 'one', body: emptyBody, lease: 'release', rung: [] }]);
    expect(await reserve(ports, key('2'), 't')).toBeUndefined();
    expect(await aliasOf(ports, key(''), 't')).toBe('2');
  });
});
