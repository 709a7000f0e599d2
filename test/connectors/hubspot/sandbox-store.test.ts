import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STAFF } from '../../../shared/connectors/hubspot/sandbox-author.ts';
import { CONTACT } from '../../../shared/connectors/hubspot/sandbox-kinds.ts';
import { ObjectStore } from '../../../shared/connectors/hubspot/sandbox-store.ts';

const value = fc.constantFrom('', 'a', 'b', 'c');
const fields = fc.record(
  { email: value, tessitura_constituent_id: value, lastname: fc.string({ unit: 'grapheme' }) },
  { requiredKeys: [] },
);
const step = fc.record({ pick: fc.nat(5), fields, remove: fc.boolean(), wait: fc.nat(20_000) });

/** Plain objects by id: what the packed, indexed store must agree with. */
type Model = Map<number, Record<string, string>>;

/** Does another record hold one of these unique values? */
function isTaken(model: Model, fields: Record<string, string | undefined>, self?: number): boolean {
  return ['email', 'tessitura_constituent_id'].some((name) => {
    const wanted = fields[name];
    return Boolean(wanted) && [...model].some(([id, record]) => id !== self && record[name] === wanted);
  });
}

test('whatever is done, values are kept, unique values are held once and the index catches up', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = 0;
      const store = new ObjectStore(CONTACT, { now: () => now, tell: () => undefined });
      const model: Model = new Map();
      for (const each of steps) {
        now += each.wait;
        const id = [...model.keys()][each.pick];
        const row = id === undefined ? undefined : store.get(id);
        const values = new Map(Object.entries(each.fields));
        if (row && each.remove) {
          store.archive(row, STAFF);
          model.delete(row.id);
          continue;
        }
        const taken = store.conflict(values, row?.id) !== undefined;
        expect(taken).toBe(isTaken(model, each.fields, row?.id));
        if (!taken) {
          const written = row ? store.update(row, values, STAFF) : store.create(values, STAFF);
          model.set(written.id, { ...model.get(written.id), ...each.fields });
        }
      }
      const kept = (record: Record<string, string>) =>
        Object.fromEntries(Object.entries(record).filter(([, v]) => v !== ''));
      const expected = [...model].map(([id, record]) => [id, kept(record)] as const);
      const shown = [...store.after(0)].map(
        (row) => [row.id, Object.fromEntries(store.values(row))] as const,
      );
      expect(new Map(shown)).toEqual(new Map(expected));
      expect(store.duplicates).toBe(0);
      for (const [id, { email }] of model) if (email) expect(store.holder('email', email)).toBe(id);
      now += 30_000;
      expect(new Set([...store.indexed()].map((row) => row.id))).toEqual(new Set(model.keys()));
    }),
  );
});

test('the index shows the old state for 2 to 30 seconds', () => {
  let now = 0;
  const store = new ObjectStore(CONTACT, { now: () => now, tell: () => undefined });
  const row = store.create(new Map([['lastname', 'old']]), STAFF);
  expect([...store.indexed()]).toEqual([]);
  now = 30_000;
  store.update(row, new Map([['lastname', 'new']]), STAFF);
  const shown = () => [...store.indexed()].map((each) => store.values(each).get('lastname'));
  expect(shown()).toEqual(['old']);
  now = 31_999;
  expect(shown()).toEqual(['old']);
  now = 60_000;
  expect(shown()).toEqual(['new']);
});

const act = fc.record({
  what: fc.constantFrom('create', 'update', 'update', 'archive', 'restore', 'merge', 'erase'),
  pick: fc.nat(5),
  other: fc.nat(5),
  fields: fc.dictionary(fc.constantFrom('email', 'lastname', 'city', 'phone'), value),
  wait: fc.nat(1_000),
});

test('whatever is done, the newest version of each property is its value, and no id that lives on is lost', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 60 }), (acts) => {
      let now = 0;
      const store = new ObjectStore(CONTACT, { now: () => now, tell: () => undefined });
      const binned = new Set<number>();
      const erased = new Set<number>();
      const into = new Map<number, number>();
      const lastOf = (id: number): number => (into.has(id) ? lastOf(into.get(id) ?? 0) : id);
      for (const { what, pick, other, fields, wait } of acts) {
        now += wait;
        const rows = [...store.after(0)];
        const values = new Map(Object.entries(fields));
        const [row, second] = [rows[pick], rows[other]];
        const bin = store.deleted([...binned][pick] ?? 0);
        if (what === 'create' && !store.conflict(values)) store.create(values, STAFF);
        if (what === 'update' && row && !store.conflict(values, row.id)) store.update(row, values, STAFF);
        if (what === 'merge' && row && second && row !== second) {
          const { id } = store.merge(row, second, STAFF);
          into.set(row.id, id).set(second.id, id);
        }
        if (what === 'restore' && bin && !store.conflict(store.values(bin))) {
          store.restore(bin, STAFF);
          binned.delete(bin.id);
        }
        if (what === 'archive' && row) {
          store.archive(row, STAFF);
          binned.add(row.id);
        }
        if (what === 'erase' && row) {
          store.erase(row, STAFF);
          erased.add(row.id);
        }
      }
      for (const row of store.after(0))
        for (const name of store.properties.keys()) {
          const held = store.values(row).get(name);
          const versions = store.history.of(row, name, held);
          expect(versions[0]?.value ?? '').toBe(held ?? '');
          expect(versions.length).toBeLessThanOrEqual(CONTACT.keptVersions);
          expect(versions.map((each) => each.at)).toEqual(
            versions.map((each) => each.at).sort((a, b) => b - a),
          );
        }
      expect(store.duplicates).toBe(0);
      expect(store.binned).toBe(binned.size);
      for (let id = CONTACT.firstId; id < store.nextId; id += 1) {
        const last = lastOf(id);
        expect([store.get(id) !== undefined, id]).toEqual([!binned.has(last) && !erased.has(last), id]);
      }
    }),
  );
});
