import { describe, expect, test } from 'vitest';
import type { Fields } from '../../shared/engine/fields.ts';
import type { Target, Write, WriteResult } from '../../shared/engine/resource.ts';
import type { TestSession } from './session.ts';

/** A target and records that its vendor accepts. */
export interface TargetUnderTest {
  resource: Target;
  /** The n-th record: distinct references and match values, every field as the vendor will give it back. */
  sample(n: number): { ref: string; fields: Fields };
  /** A field of `sample` that may be changed freely, and its new value. */
  change: { field: string; value: string };
}

/** What every target promises the engine. */
export function describeTarget(
  { resource, sample, change }: TargetUnderTest,
  session: () => TestSession,
): void {
  const creating = (n: number): Write => ({ kind: 'create', ...sample(n) });
  const idOf = (result: WriteResult | undefined) => (result?.ok ? result.targetId : undefined);
  const create = async (n: number) => {
    const results = await resource.write(session(), [creating(n)]);
    return idOf(results.get(sample(n).ref)) ?? 'nothing was created';
  };

  describe(`target: ${resource.title}`, () => {
    test('a full batch is created, one result per reference, and reads back as written', async () => {
      const writes = Array.from({ length: resource.batchSize }, (_, n) => creating(n));
      const results = await resource.write(session(), writes);
      expect([...results.values()].every((each) => each.ok && each.created)).toBe(true);
      expect([...results.keys()].sort()).toEqual(writes.map((each) => each.ref).sort());
      const ids = writes.map((each) => idOf(results.get(each.ref)) ?? '');
      const names = Object.keys(sample(0).fields);
      const read = await resource.read(session(), ids, names);
      const expected = ids.map((_, n) => ({ state: 'present', record: sample(n).fields }));
      expect(ids.map((id) => read.get(id))).toEqual(expected);
    });

    test('a record is found by its reference', async () => {
      const id = await create(1);
      const found = await resource.find(session(), [sample(1), sample(2)]);
      expect(found.get(sample(1).ref)).toEqual([{ targetId: id, ref: sample(1).ref, by: 'reference' }]);
      expect(found.get(sample(2).ref) ?? []).toEqual([]);
    });

    test.runIf(resource.lookup === 'on-conflict')(
      'a create that is repeated makes no second record',
      async () => {
        const id = await create(1);
        const again = await resource.write(session(), [creating(1)]);
        expect(again.get(sample(1).ref)).toEqual({ ok: true, targetId: id, created: false });
      },
    );

    test('an update changes its fields and leaves the others', async () => {
      const targetId = await create(1);
      const { ref, fields } = sample(1);
      const update: Write = { kind: 'update', ref, targetId, fields: { [change.field]: change.value } };
      expect((await resource.write(session(), [update])).get(ref)).toMatchObject({ ok: true, targetId });
      const read = await resource.readOne(session(), targetId, Object.keys(fields));
      expect(read).toEqual({ state: 'present', record: { ...fields, [change.field]: change.value } });
    });

    test('a removed record is gone, and an update of it says that it is lost', async () => {
      const targetId = await create(1);
      const { ref, fields } = sample(1);
      await resource.write(session(), [{ kind: 'remove', ref, targetId, fields: {} }]);
      expect(await resource.readOne(session(), targetId, Object.keys(fields))).toEqual({ state: 'gone' });
      const update = await resource.write(session(), [{ kind: 'update', ref, targetId, fields }]);
      expect(update.get(ref)).toEqual({ ok: false, lost: true });
    });

    test('one call may create, update and remove', async () => {
      const [changed, removed] = [await create(1), await create(2)];
      const results = await resource.write(session(), [
        creating(3),
        { kind: 'update', ref: sample(1).ref, targetId: changed, fields: { [change.field]: change.value } },
        { kind: 'remove', ref: sample(2).ref, targetId: removed, fields: {} },
      ]);
      expect([1, 2, 3].map((n) => results.get(sample(n).ref)?.ok)).toEqual([true, true, true]);
    });

    test('list shows every record that carries a reference', async () => {
      const id = await create(1);
      const page = await resource.list(session());
      expect(page.items).toContainEqual({ targetId: id, ref: sample(1).ref });
    });
  });
}
