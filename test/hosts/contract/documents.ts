import { expect, test } from 'vitest';
import type { Host } from './host.ts';

export function documentsContract(host: Host): void {
  const documents = () => host.open().ports.documents;

  test('an unknown document is undefined, and a document comes back as it was put', async () => {
    expect(await documents().get('cursor/nothing')).toBeUndefined();
    const value = { list: [1, null, 'ü 東京 😀'], deep: { yes: true }, big: 2 ** 53, small: 1e-9, empty: '' };
    expect(await documents().put('cursor/1', value, undefined)).toBe(true);
    expect((await documents().get('cursor/1'))?.value).toEqual(value);
    expect(await documents().get('cursor')).toBeUndefined();
  });

  test('a first put fails where there is one, a later put needs the stored revision', async () => {
    await documents().put('k', 1, undefined);
    expect(await documents().put('k', 2, undefined)).toBe(false);
    expect(await documents().put('k', 2, 'no such revision')).toBe(false);
    expect(await documents().put('not there', 2, '1')).toBe(false);
    expect((await documents().get('k'))?.value).toBe(1);
    const revision = (await documents().get('k'))?.revision;
    expect(await documents().put('k', 2, revision)).toBe(true);
    expect(await documents().put('k', 3, revision)).toBe(false);
    expect((await documents().get('k'))?.value).toBe(2);
    expect(await documents().get('not there')).toBeUndefined();
  });

  test('the revision changes with every write, also of the same value', async () => {
    await documents().put('k', 'same', undefined);
    const first = await documents().get('k');
    await documents().put('k', 'same', first?.revision);
    expect((await documents().get('k'))?.revision).not.toBe(first?.revision);
  });

  test('a document lies in the list of its last write, in the order of its moment', async () => {
    const list = 'service/open';
    await documents().put('l/2', 2, undefined, { list, at: 20 });
    await documents().put('l/1', 1, undefined, { list, at: 10 });
    await documents().put('l/3', 3, undefined, { list, at: 20 });
    await documents().put('l/other', 4, undefined, { list: 'service/other', at: 15 });
    await documents().put('l/none', 5, undefined);
    expect((await documents().listed(list, 10)).items).toEqual(['l/1', 'l/2', 'l/3']);
    expect((await documents().listed(list, 10)).next).toBeUndefined();

    const first = await documents().listed(list, 2);
    expect(first.items).toHaveLength(2);
    expect(first.next).toBeDefined();
    const rest = await documents().listed(list, 2, first.next);
    expect([...first.items, ...rest.items].toSorted()).toEqual(['l/1', 'l/2', 'l/3']);

    const moved = await documents().get('l/1');
    await documents().put('l/1', 1, moved?.revision, { list: 'service/other', at: 99 });
    const gone = await documents().get('l/2');
    await documents().put('l/2', 2, gone?.revision);
    expect((await documents().listed(list, 10)).items).toEqual(['l/3']);
    expect((await documents().listed('service/other', 10)).items).toEqual(['l/other', 'l/1']);
    expect(await documents().listed('service/nothing', 10)).toEqual({ items: [] });
  });

  test('of 20 first puts at once, one wins', async () => {
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, at) => documents().put('race', at, undefined)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await documents().get('race'))?.value).toBe(won.indexOf(true));
  });

  test('20 workers that add with compare-and-set lose no addition', async () => {
    const add = async (): Promise<void> => {
      const stored = await documents().get('sum');
      const sum = typeof stored?.value === 'number' ? stored.value : 0;
      if (!(await documents().put('sum', sum + 1, stored?.revision))) await add();
    };
    await Promise.all(Array.from({ length: 20 }, add));
    expect((await documents().get('sum'))?.value).toBe(20);
  });
}

export function secretsContract(host: Host): void {
  const secrets = () => host.open().ports.secrets;

  test('an unknown secret is undefined, and a secret comes back as it was put', async () => {
    expect(await secrets().get('intertie/test/vendor/none')).toBeUndefined();
    const value = { baseUrl: 'https://vendor.example', token: 'ü"\\😀', expiresAt: 1_700_000_000_000 };
    await secrets().put('intertie/test/vendor/main', value);
    expect((await secrets().get('intertie/test/vendor/main'))?.value).toEqual(value);
  });

  test('a put replaces the whole secret and changes its version; a read does not', async () => {
    await secrets().put('intertie/test/vendor/main', { token: 'one', extra: true });
    await secrets().put('intertie/test/vendor/second', { token: 'other' });
    const first = await secrets().get('intertie/test/vendor/main');
    expect((await secrets().get('intertie/test/vendor/main'))?.version).toBe(first?.version);
    await secrets().put('intertie/test/vendor/main', { token: 'two' });
    const second = await secrets().get('intertie/test/vendor/main');
    expect(second?.value).toEqual({ token: 'two' });
    expect(second?.version).not.toBe(first?.version);
    expect((await secrets().get('intertie/test/vendor/second'))?.value).toEqual({ token: 'other' });
  });
}
