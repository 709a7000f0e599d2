import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addAlias, aliasOf, atTarget, targetIn } from '../../shared/engine/alias.ts';
import { freshHint, isRecordId, pack, parseChangeEvent } from '../../shared/engine/change-event.ts';
import { memoryPorts } from '../support/memory/ports.ts';

const PEOPLE = { flow: 'f', collection: 'people' };

const anId = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }).filter(isRecordId);

describe('the name of a target’s record in a hint', () => {
  test('tells its id again, and is never taken for an id of the source', () => {
    fc.assert(
      fc.property(anId, (id) => {
        expect(targetIn(atTarget(id))).toBe(id);
        expect(targetIn(id)).toBeUndefined();
        expect(isRecordId(atTarget(id))).toBe(false);
      }),
    );
  });

  test('travels in a change event, however long the id is', () => {
    fc.assert(
      fc.property(fc.oneof(anId, fc.constant('x'.repeat(200))), (id) => {
        const hints = [freshHint(atTarget(id), 1), freshHint('1', 1)];
        const [event] = pack({ ...PEOPLE, cause: 'webhook', trace: 't' }, hints);
        expect(parseChangeEvent(JSON.stringify(event))?.records.map((hint) => hint.id)).toEqual([
          atTarget(id),
          '1',
        ]);
      }),
    );
  });
});

describe('the crosswalk', () => {
  test('knows what was entered, by collection, and forgets nothing', async () => {
    const ports = memoryPorts();
    expect(await aliasOf(ports, PEOPLE, 't1')).toBeUndefined();
    await addAlias(ports, { ...PEOPLE, id: '1' }, 't1');
    await addAlias(ports, { ...PEOPLE, id: '1' }, 't2');
    expect(await aliasOf(ports, PEOPLE, 't1')).toBe('1');
    expect(await aliasOf(ports, PEOPLE, 't2')).toBe('1');
    expect(await aliasOf(ports, { ...PEOPLE, collection: 'cars' }, 't1')).toBeUndefined();
    expect(await aliasOf(ports, { ...PEOPLE, flow: 'g' }, 't1')).toBeUndefined();
  });

  test('a record of the target that was given to another one belongs to that one', async () => {
    const ports = memoryPorts();
    await addAlias(ports, { ...PEOPLE, id: '1' }, 't1');
    await addAlias(ports, { ...PEOPLE, id: '2' }, 't1');
    expect(await aliasOf(ports, PEOPLE, 't1')).toBe('2');
  });

  test('entering again what is known writes nothing', async () => {
    const ports = memoryPorts();
    await addAlias(ports, { ...PEOPLE, id: '1' }, 't1');
    let writes = 0;
    const { put } = ports.documents;
    ports.documents.put = (...args) => {
      writes += 1;
      return put(...args);
    };
    await addAlias(ports, { ...PEOPLE, id: '1' }, 't1');
    expect(writes).toBe(0);
  });
});
