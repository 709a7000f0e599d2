import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GuardState, MassChangeGuard, reserve } from '../../shared/engine/guard.ts';
import { virtualClock } from '../support/memory/clock.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { town } from './town.ts';

const HOUR = 3_600_000;
const NOW = 480_000 * HOUR;
const ceiling = { share: 0.1, atLeast: 5 };
const empty: GuardState = { version: 1, hours: [], records: 0 };

function ask(state: GuardState, count: number, now = NOW): GuardState | undefined {
  return reserve(state, { what: 'removals', count, now, ceiling });
}

describe('reserve', () => {
  test.each([
    [0, 5, true],
    [0, 6, false],
    [50, 5, true],
    [50, 6, false],
    [100, 10, true],
    [100, 11, false],
  ])('of %i records, %i may go: %s', (records, count, allowed) => {
    expect(ask({ ...empty, records }, count) !== undefined).toBe(allowed);
  });

  test('adds up over the hours of a day, forgets none too early, and all after two days', () => {
    const used = ask(empty, 5);
    expect(used && ask(used, 1, NOW + 22 * HOUR)).toBeUndefined();
    expect(used && ask(used, 1, NOW + 24 * HOUR - 1)).toBeUndefined();
    const late = ask(empty, 5, NOW + HOUR - 1);
    expect(late && ask(late, 1, NOW + 24 * HOUR)).toBeUndefined();
    const later = used && ask(used, 5, NOW + 48 * HOUR);
    expect(later?.hours).toEqual([{ hour: 480_048, removals: 5, changes: 0 }]);
  });

  test('counts removals and changes apart', () => {
    const used = ask(empty, 5);
    const both = used && reserve(used, { what: 'changes', count: 5, now: NOW, ceiling });
    expect(both?.hours).toEqual([{ hour: 480_000, removals: 5, changes: 5 }]);
  });

  test("a person's word lets everything through until it ends, and it is still counted", () => {
    const approved = { ...empty, approvedUntil: NOW + 1 };
    expect(ask(approved, 1_000)?.hours[0]?.removals).toBe(1_000);
    expect(ask(approved, 1_000, NOW + 1)).toBeUndefined();
  });

  test('never more than the ceiling within a day, and refused only when the ceiling is reached', () => {
    const step = fc.record({ after: fc.nat(6 * HOUR), count: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.nat(300), fc.array(step, { maxLength: 40 }), (records, steps) => {
        const most = Math.max(ceiling.atLeast, ceiling.share * records);
        let state: GuardState = { ...empty, records };
        let now = NOW;
        const granted: { at: number; count: number }[] = [];
        const within = (span: number) =>
          granted.filter(({ at }) => now - at < span).reduce((sum, { count }) => sum + count, 0);
        for (const { after, count } of steps) {
          now += after;
          const next = ask(state, count, now);
          if (next) {
            granted.push({ at: now, count });
            state = next;
            expect(within(24 * HOUR)).toBeLessThanOrEqual(most);
          } else expect(within(25 * HOUR) + count).toBeGreaterThan(most);
        }
      }),
    );
  });
});

describe('MassChangeGuard', () => {
  function guards(count: number) {
    const clock = virtualClock(NOW);
    const ports = memoryPorts({ clock });
    const { flow } = town();
    return { clock, flow, guards: Array.from({ length: count }, () => new MassChangeGuard(flow, ports)) };
  }

  test('several workers together keep one ceiling', async () => {
    const { clock, guards: workers } = guards(4);
    const answers = Promise.all(workers.map((worker) => worker.allow('removals', 2)));
    await clock.advance(10_000);
    expect((await answers).filter(Boolean)).toHaveLength(2);
    const [worker] = workers;
    expect((await worker?.state())?.hours).toEqual([{ hour: 480_000, removals: 4, changes: 0 }]);
  });

  test('changes are reserved fifty at a time, so that not each costs a write', async () => {
    const {
      guards: [worker],
    } = guards(1);
    for (let count = 0; count < 50; count += 1) expect(await worker?.allow('changes', 1)).toBe(true);
    expect((await worker?.state())?.hours[0]?.changes).toBe(50);
    expect(await worker?.allow('changes', 1)).toBe(true);
    expect((await worker?.state())?.hours[0]?.changes).toBe(100);
  });

  test('the last few below the ceiling are still given one by one', async () => {
    const {
      guards: [worker],
    } = guards(1);
    expect(await worker?.allow('changes', 190)).toBe(true);
    expect(await worker?.allow('changes', 10)).toBe(true);
    expect(await worker?.allow('changes', 1)).toBe(false);
  });

  test('gives back what was not written, and nothing is asked for nothing', async () => {
    const {
      guards: [worker],
    } = guards(1);
    expect(await worker?.allow('removals', 5)).toBe(true);
    expect(await worker?.allow('removals', 1)).toBe(false);
    expect(await worker?.allow('removals', 0)).toBe(true);
    await worker?.giveBack('removals', 2);
    expect(await worker?.allow('removals', 3)).toBe(false);
    expect(await worker?.allow('removals', 2)).toBe(true);
  });

  test('the share grows with the records at the target', async () => {
    const {
      guards: [worker],
    } = guards(1);
    await worker?.added(100);
    expect(await worker?.allow('removals', 10)).toBe(true);
    await worker?.added(-500);
    expect((await worker?.state())?.records).toBe(0);
    expect(await worker?.allow('removals', 1)).toBe(false);
    await worker?.approve(NOW + HOUR);
    expect(await worker?.allow('removals', 1)).toBe(true);
  });
});
