import { describe, expect, test } from 'vitest';
import type { DeadLetter, StoredLetter } from '../../../shared/engine/ports.ts';
import type { Host } from './host.ts';
import { CONTRACT_FLOWS, T0 } from './host.ts';

const [FLOW, OTHER_FLOW] = CONTRACT_FLOWS;

function letter(id: string, flow: string = FLOW): DeadLetter {
  const reason = `rejected: „${id}“ is no e-mail address`;
  return { flow, collection: 'people', id, reason, fingerprint: 'fp', at: T0, trace: 'trace' };
}

export function deadLettersContract(host: Host): void {
  const letters = () => host.open().ports.deadLetters;
  const lookAll = async (flow: string, count: number) => {
    const seen: StoredLetter[] = [];
    for (let tries = 0; tries < 60 && seen.length < count; tries += 1) {
      seen.push(...(await letters().look(flow, count - seen.length)));
    }
    return seen;
  };

  test('letters are looked at as they were added, each flow its own', async () => {
    await letters().add([letter('a'), letter('ß 東京'), letter('c', OTHER_FLOW)]);
    const seen = await lookAll(FLOW, 2);
    expect(seen.map((each) => each.letter?.id).toSorted()).toEqual(['a', 'ß 東京']);
    expect(seen.find((each) => each.letter?.id === 'a')?.letter).toEqual(letter('a'));
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(seen[0]?.letter);
    expect(await letters().depth(OTHER_FLOW)).toBe(1);
  });

  test('a look takes at most as many as asked, and the depth still counts what was looked at', async () => {
    await letters().add(Array.from({ length: 25 }, (_, at) => letter(`r${at}`)));
    expect((await letters().look(FLOW, 3)).length).toBeLessThanOrEqual(3);
    expect(await letters().depth(FLOW)).toBe(25);
  });

  test('repeated looks walk through all of them', async () => {
    await letters().add(Array.from({ length: 25 }, (_, at) => letter(`r${at}`)));
    const seen = await lookAll(FLOW, 25);
    expect(new Set(seen.map((each) => each.letter?.id)).size).toBe(25);
  });

  test('a receipt removes its letter, and nothing else does', async () => {
    await letters().add([letter('a'), letter('b')]);
    const seen = await lookAll(FLOW, 2);
    const receipt = seen.find((each) => each.letter?.id === 'a')?.receipt ?? '';
    await letters().remove(FLOW, ['never given', receipt, receipt]);
    await letters().remove(FLOW, []);
    expect(await letters().depth(FLOW)).toBe(1);
  });

  test('an empty flow has nothing to look at', async () => {
    expect(await letters().look(FLOW, 10)).toEqual([]);
    expect(await letters().depth(FLOW)).toBe(0);
    await letters().add([]);
  });

  describe.skipIf(!host.traits.movableClock)('with a clock that can be moved', () => {
    test('a letter that was looked at is out of sight, so that the next look shows the next ones', async () => {
      await letters().add(['a', 'b', 'c'].map((id) => letter(id)));
      const first = await letters().look(FLOW, 2);
      const second = await letters().look(FLOW, 2);
      const seen = [...first, ...second].map((each) => each.letter?.id);
      expect(seen.toSorted()).toEqual(['a', 'b', 'c']);
      await host.open().advance(59_999);
      expect(await letters().look(FLOW, 2)).toEqual([]);
    });

    test('a letter can be looked at again a minute later, and its newest receipt removes it', async () => {
      await letters().add([letter('a')]);
      await letters().look(FLOW, 1);
      await host.open().advance(60_001);
      const [again] = await letters().look(FLOW, 1);
      expect(again?.letter).toEqual(letter('a'));
      await host.open().advance(59_000);
      await letters().remove(FLOW, [again?.receipt ?? '']);
      expect(await letters().depth(FLOW)).toBe(0);
    });
  });
}
