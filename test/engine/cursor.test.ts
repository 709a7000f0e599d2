import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { holdCursor, readCursor, resetCursor } from '../../shared/engine/cursor.ts';
import type { Ports } from '../../shared/engine/ports.ts';
import { virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';

const KEY = 'scan/f/people';
const LEASE = 120_000;
const State = z.object({ at: z.number() });

const hold = (ports: Ports) => holdCursor(ports, KEY, State);
const read = (ports: Ports) => readCursor(ports, KEY, State);

async function held(ports: Ports) {
  const cursor = await hold(ports);
  if (!cursor) throw new Error('the cursor is held by another worker');
  return cursor;
}

describe('holdCursor', () => {
  test('a walk that has never begun has no state', async () => {
    const ports = memoryPorts();
    expect(await read(ports)).toBeUndefined();
    expect((await held(ports)).state).toBeUndefined();
  });

  test('only one at a time, also when both ask at once', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    const both = Promise.all([hold(ports), hold(ports), hold(ports)]);
    await clock.advance(10_000);
    expect((await both).filter((each) => each !== undefined)).toHaveLength(1);
    expect(await hold(ports)).toBeUndefined();
  });

  test('the next one continues where the last state was saved', async () => {
    const ports = memoryPorts();
    const first = await held(ports);
    expect(await first.save({ at: 1 })).toBe(true);
    expect(await first.save({ at: 2 })).toBe(true);
    expect(await read(ports)).toEqual({ at: 2 });
    await first.release();
    const second = await held(ports);
    expect(second.state).toEqual({ at: 2 });
    await second.release({ at: 3 });
    expect((await held(ports)).state).toEqual({ at: 3 });
  });

  test('a dead holder is followed when its lease has ended, and may not save any more', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    const dead = await held(ports);
    await dead.save({ at: 1 });
    await clock.advance(LEASE - 1);
    expect(await hold(ports)).toBeUndefined();
    await clock.advance(1);
    const next = await held(ports);
    expect(next.state).toEqual({ at: 1 });
    expect(await dead.save({ at: 99 })).toBe(false);
    await dead.release({ at: 99 });
    expect(await read(ports)).toEqual({ at: 1 });
    expect(await next.save({ at: 2 })).toBe(true);
  });

  test('saving renews the lease', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    const cursor = await held(ports);
    for (let at = 0; at < 5; at += 1) {
      await clock.advance(LEASE - 1);
      expect(await cursor.save({ at })).toBe(true);
      expect(await hold(ports)).toBeUndefined();
    }
  });

  test('a late holder that nobody has followed may still save', async () => {
    const clock = virtualClock();
    const ports = memoryPorts({ clock });
    const late = await held(ports);
    await clock.advance(10 * LEASE);
    expect(await late.save({ at: 1 })).toBe(true);
    expect(await hold(ports)).toBeUndefined();
  });

  test('what a newer version has stored is refused, not overwritten', async () => {
    const ports = memoryPorts();
    await ports.documents.put(KEY, { state: { at: 'soon' } }, undefined);
    await expect(hold(ports)).rejects.toThrow('unreadable field "state.at"');
    await expect(read(ports)).rejects.toThrow(KEY);
    expect((await ports.documents.get(KEY))?.value).toEqual({ state: { at: 'soon' } });
  });
});

describe('resetCursor', () => {
  test('begins anew, whoever holds it', async () => {
    const ports = memoryPorts();
    const old = await held(ports);
    await old.save({ at: 7 });
    await resetCursor(ports, KEY, State, { at: 0 });
    expect(await old.save({ at: 8 })).toBe(false);
    expect((await held(ports)).state).toEqual({ at: 0 });
  });

  test('makes a cursor where there was none', async () => {
    const ports = memoryPorts();
    await resetCursor(ports, KEY, State, { at: 0 });
    expect(await read(ports)).toEqual({ at: 0 });
  });
});

describe('any history', () => {
  test('has at most one holder who can save, and no saved step is undone', async () => {
    const move = fc.record({
      who: fc.integer({ min: 0, max: 2 }),
      does: fc.constantFrom('hold', 'save', 'save', 'release'),
      after: fc.constantFrom(0, 1_000, LEASE / 2, LEASE),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const clock = virtualClock();
        const ports = memoryPorts({ clock });
        const cursors: Awaited<ReturnType<typeof hold>>[] = [];
        let last = 0;
        for (const { who, does, after } of moves) {
          await clock.advance(after);
          const cursor = cursors[who];
          if (does === 'hold') {
            const taken = await hold(ports);
            if (taken) {
              expect(taken.state?.at ?? 0).toBe(last);
              cursors[who] = taken;
            }
          } else if (does === 'release') {
            await cursor?.release();
            cursors[who] = undefined;
          } else if (await cursor?.save({ at: last + 1 })) last += 1;
          expect((await read(ports))?.at ?? 0).toBe(last);
        }
        const answers: boolean[] = [];
        for (const cursor of cursors) if (cursor) answers.push(await cursor.save({ at: last }));
        expect(answers.filter(Boolean).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
