import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../shared/connectors/sandbox.ts';
import type { Change, Source } from '../../shared/engine/resource.ts';
import type { TestSession } from './session.ts';

/** A source and what the suite must know of its sandbox; the sandbox begins with at least three records. */
export interface SourceUnderTest {
  resource: Source<unknown>;
  /** Changes one record as a person would and returns its id. */
  edit(sandbox: Sandbox): string;
  /** Removes a record, or returns undefined where the vendor cannot delete. */
  remove(sandbox: Sandbox): string | undefined;
  /** An id of the right form that never existed. */
  unknownId: string;
}

/** What every source promises the engine. */
export function describeSource(
  { resource, edit, remove, unknownId }: SourceUnderTest,
  running: () => { sandbox: Sandbox },
  session: () => TestSession,
): void {
  const allIds = async () => {
    const ids: string[] = [];
    let page: string | undefined;
    do {
      const reply = await resource.list(session(), page);
      ids.push(...reply.items);
      page = reply.next;
    } while (page !== undefined);
    return ids;
  };

  describe(`source: ${resource.title}`, () => {
    test('list shows every record once, and read finds what it lists', async () => {
      const ids = await allIds();
      expect(ids.length).toBeGreaterThanOrEqual(3);
      expect(new Set(ids).size).toBe(ids.length);
      const some = ids.slice(0, resource.batchSize);
      const read = await resource.read(session(), some);
      expect([...read.keys()].sort()).toEqual([...some].sort());
    });

    test('an unknown id is unseen in bulk and gone when read alone', async () => {
      const [known] = await allIds();
      const read = await resource.read(session(), [known ?? '', unknownId]);
      expect(read.has(unknownId)).toBe(false);
      expect(read.get(known ?? '')?.state).toBe('present');
      expect(await resource.readOne(session(), unknownId)).toMatchObject({ state: 'gone' });
    });

    test('nothing to read makes no call', async () => {
      const quiet = session();
      expect((await resource.read(quiet, [])).size).toBe(0);
      expect(quiet.sent).toEqual([]);
    });

    test('a removed record is gone', async () => {
      const id = remove(running().sandbox);
      if (id !== undefined) expect((await resource.readOne(session(), id)).state).not.toBe('present');
    });

    test('a scan of the window sees a change, once, and the same change keeps its id', async () => {
      const from = session().now() - 1_000;
      const id = edit(running().sandbox);
      const window = { from, to: session().now() + 1_000 };
      const scan = async () => {
        const seen: Change[] = [];
        let page: string | undefined;
        do {
          const reply = await resource.scan(session(), page === undefined ? window : { ...window, page });
          seen.push(...reply.items);
          page = reply.next;
        } while (page !== undefined);
        return seen;
      };
      const first = await scan();
      expect(first.map((each) => each.id)).toContain(id);
      expect(new Set(first.map((each) => each.changeId)).size).toBe(first.length);
      expect(await scan()).toEqual(first);
    });
  });
}
