import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContractWatch, type Failure, patterns, remember } from '../../shared/engine/contract-watch.ts';
import { memoryPorts } from '../support/memory/ports.ts';
import { town } from './town.ts';

type Watch = Parameters<typeof remember>[0];
const nothing: Watch = { version: 1, recent: [] };

function failures(count: number, fingerprint = 'f', from = 0): Failure[] {
  return Array.from({ length: count }, (_, at) => ({ id: String(from + at), fingerprint, message: 'words' }));
}

const size = ({ recent }: Watch): number =>
  recent.reduce<number>((sum, entry) => sum + (typeof entry === 'number' ? entry : 1), 0);

describe('remember', () => {
  test('keeps the newest hundred outcomes, successes as a number', () => {
    const watch = remember(remember(nothing, 60, failures(2)), 50, failures(1, 'g'));
    expect(watch.recent).toEqual([
      47,
      { id: '0', fingerprint: 'f' },
      { id: '1', fingerprint: 'f' },
      50,
      { id: '0', fingerprint: 'g' },
    ]);
  });

  test('no successes leave no trace, and a hundred push everything out', () => {
    expect(remember(nothing, 0, failures(1)).recent).toEqual([{ id: '0', fingerprint: 'f' }]);
    expect(remember(remember(nothing, 0, failures(50)), 1_000_000, []).recent).toEqual([100]);
  });

  test('never holds more than a hundred, and as many as there were up to that', () => {
    const batch = fc.record({ successes: fc.nat(150), failed: fc.nat(120) });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        let watch = nothing;
        let all = 0;
        for (const { successes, failed } of batches) {
          watch = remember(watch, successes, failures(failed));
          all += successes + failed;
          expect(size(watch)).toBe(Math.min(100, all));
        }
      }),
    );
  });
});

describe('pattern', () => {
  test.each<[string, Watch, string | undefined]>([
    ['nothing seen', nothing, undefined],
    ['nine records', remember(nothing, 0, failures(9)), undefined],
    ['ten records', remember(nothing, 0, failures(10)), 'f'],
    ['ten of fifty', remember(nothing, 40, failures(10)), 'f'],
    ['ten of fifty-one', remember(nothing, 41, failures(10)), undefined],
    ['twenty of a hundred', remember(nothing, 80, failures(20)), 'f'],
    ['nineteen of a hundred', remember(nothing, 81, failures(19)), undefined],
    ['one record twenty times', remember(nothing, 0, Array(20).fill(failures(1)[0])), undefined],
    [
      'ten records in ten ways',
      { version: 1, recent: failures(10).map((f, at) => ({ ...f, fingerprint: `f${at}` })) },
      undefined,
    ],
    ['ten of which nine alike', remember(nothing, 0, [...failures(9), ...failures(1, 'g', 9)]), undefined],
  ])('%s: %#', (_what, watch, expected) => {
    expect(patterns(watch)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('is seen exactly when ten different records and a fifth of what is remembered fail alike', () => {
    const batch = fc.record({
      successes: fc.nat(40),
      failed: fc.array(fc.record({ id: fc.nat(30), fingerprint: fc.constantFrom('f', 'g') }), {
        maxLength: 25,
      }),
    });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 5 }), (batches) => {
        let watch = nothing;
        for (const { successes, failed } of batches) {
          const told = failed.map(({ id, fingerprint }) => ({ id: String(id), fingerprint, message: '' }));
          watch = remember(watch, successes, told);
        }
        const different = (wanted: string): number =>
          new Set(
            watch.recent.flatMap((entry) =>
              typeof entry !== 'number' && entry.fingerprint === wanted ? [entry.id] : [],
            ),
          ).size;
        const is = (wanted: string): boolean =>
          different(wanted) >= 10 && different(wanted) * 5 >= size(watch);
        const [found] = patterns(watch);
        expect(found !== undefined).toBe(is('f') || is('g'));
        if (found !== undefined) expect(is(found)).toBe(true);
      }),
    );
  });
});

describe('ContractWatch', () => {
  test('adds up what several workers tell, and counts successes since the last failure', async () => {
    const ports = memoryPorts();
    const { flow } = town();
    const one = new ContractWatch(flow, ports);
    const other = new ContractWatch(flow, ports);
    expect(await one.tell(30, [])).toBeUndefined();
    expect(ports.state.documents.size).toBe(0);
    expect(await one.tell(0, failures(5))).toBeUndefined();
    const [tenth] = failures(1, 'f', 9);
    expect(await other.tell(0, failures(4, 'f', 5))).toBeUndefined();
    expect(await other.tell(0, failures(1, 'f', 9))).toEqual(tenth);
  });

  test('thirty successes and then nine failures of fifty are no pattern', async () => {
    const watch = new ContractWatch(town().flow, memoryPorts());
    await watch.tell(45, []);
    expect(await watch.tell(0, failures(10))).toBeUndefined();
  });

  test('forgets when a hold has ended', async () => {
    const watch = new ContractWatch(town().flow, memoryPorts());
    expect(await watch.tell(0, failures(10))).toBeDefined();
    await watch.forget();
    expect(await watch.tell(0, failures(9, 'f', 20))).toBeUndefined();
  });
});
