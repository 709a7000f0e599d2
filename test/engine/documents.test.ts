import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { amend, readDocument } from '../../shared/engine/documents.ts';
import { seededRandom, virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';

const Count = z.object({ n: z.number() });
const KEY = 'count';

describe('amend', () => {
  test('makes a document, changes it, and leaves it alone when there is nothing to change', async () => {
    const ports = memoryPorts();
    expect(await amend(ports, KEY, Count, (now) => ({ n: (now?.n ?? 0) + 1 }))).toEqual({ n: 1 });
    expect(await amend(ports, KEY, Count, (now) => ({ n: (now?.n ?? 0) + 1 }))).toEqual({ n: 2 });
    expect(await amend(ports, KEY, Count, () => undefined)).toEqual({ n: 2 });
    expect(await amend(ports, 'other', Count, () => undefined)).toBeUndefined();
    expect(await readDocument(ports, KEY, Count)).toEqual({ n: 2 });
    expect(await readDocument(ports, 'other', Count)).toBeUndefined();
  });

  test('no change of any worker is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }), async (starts) => {
        const clock = virtualClock();
        const ports = memoryPorts({ clock, random: seededRandom(starts.length) });
        const all = starts.map(async (after) => {
          await clock.sleep(after);
          await amend(ports, KEY, Count, (now) => ({ n: (now?.n ?? 0) + 1 }));
        });
        await clock.advance(60_000);
        await Promise.all(all);
        expect(await readDocument(ports, KEY, Count)).toEqual({ n: starts.length });
      }),
      { numRuns: 30 },
    );
  });

  test('gives up on a document that changes under its hands every time', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    const documents = { ...ports.documents, put: async () => false };
    const refused = amend({ ...ports, documents }, KEY, Count, () => ({ n: 1 }));
    refused.catch(() => undefined);
    await clock.advance(60_000);
    await expect(refused).rejects.toThrow('document "count" is too busy');
  });

  test('refuses what it cannot read and does not overwrite it', async () => {
    const ports = memoryPorts();
    await ports.documents.put(KEY, { n: 'many' }, undefined);
    await expect(amend(ports, KEY, Count, () => ({ n: 1 }))).rejects.toThrow('unreadable field "n"');
    await expect(readDocument(ports, KEY, Count)).rejects.toThrow('written by a newer version');
    expect((await ports.documents.get(KEY))?.value).toEqual({ n: 'many' });
  });
});
