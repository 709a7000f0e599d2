import { describe, expect, test } from 'vitest';
import { accept, finishDraft, ownerOfReference, releaseKey } from '../../../functions/payments/accept.ts';
import { readPayment, writePayment } from '../../../functions/payments/store.ts';
import type { Documents } from '../../../shared/engine/filing.ts';
import { memoryDocuments } from '../../support/memory/documents.ts';
import { emptyState } from '../../support/memory/state.ts';
import { draftOf, START } from './builders.ts';

let tokens = 0;
function token(): string {
  tokens += 1;
  return `t${tokens}`;
}

function asks(id: string, change: { key?: string; body?: string; reference?: string; now?: number } = {}) {
  const { key = 'key-1', body = 'body-1', reference = 'order-1', now = START } = change;
  const payment = draftOf({ id, reference });
  return { payment, key, body, now, busyUntil: now + 15_000, token };
}

async function end(documents: Documents, id: string, as: 'declined' | 'expired'): Promise<void> {
  const stored = await readPayment(documents, id);
  if (!stored) throw new Error(`no ${id}`);
  await writePayment(
    documents,
    stored,
    { ...stored.payment, ended: { at: START, as, why: 'test' } },
    `end ${id}`,
  );
}

describe('a key', () => {
  test('makes one payment, however often its request comes', async () => {
    const documents = memoryDocuments(emptyState());
    expect(await accept(documents, asks('pay_1'))).toEqual({ kind: 'created', id: 'pay_1' });
    expect(await accept(documents, asks('pay_2'))).toEqual({ kind: 'busy', until: START + 15_000 });
    await releaseKey(documents, asks('pay_1'));
    expect(await accept(documents, asks('pay_3'))).toEqual({ kind: 'replayed', id: 'pay_1' });
    expect(await readPayment(documents, 'pay_3')).toBeUndefined();
  });

  test('stays with its body', async () => {
    const documents = memoryDocuments(emptyState());
    await accept(documents, asks('pay_1'));
    expect(await accept(documents, asks('pay_2', { body: 'other' }))).toEqual({ kind: 'key-reused' });
  });

  test('is free again when its request was refused before anything was made', async () => {
    const documents = memoryDocuments(emptyState());
    await accept(documents, asks('pay_1'));
    expect(await accept(documents, asks('pay_2', { key: 'key-2' }))).toEqual({
      kind: 'reference-exists',
      id: 'pay_1',
    });
    const again = asks('pay_3', { key: 'key-2', body: 'other', reference: 'order-2' });
    expect(await accept(documents, again)).toEqual({ kind: 'created', id: 'pay_3' });
  });
});

describe('a reference', () => {
  test.each(['declined', 'expired'] as const)('is free when its payment is %s', async (as) => {
    const documents = memoryDocuments(emptyState());
    await accept(documents, asks('pay_1'));
    await end(documents, 'pay_1', as);
    expect(await accept(documents, asks('pay_2', { key: 'key-2' }))).toEqual({
      kind: 'created',
      id: 'pay_2',
    });
    expect(await ownerOfReference(documents, 'club', 'order-1')).toBe('pay_2');
  });

  test('belongs to its merchant', async () => {
    const documents = memoryDocuments(emptyState());
    await accept(documents, asks('pay_1'));
    const other = asks('pay_2');
    const elsewhere = { ...other, payment: { ...other.payment, merchant: 'other-club' } };
    expect(await accept(documents, elsewhere)).toEqual({ kind: 'created', id: 'pay_2' });
  });
});

test('a crash after any write: the same request again makes the one payment, and nothing is payable twice', async () => {
  for (let crashAfter = 0; crashAfter < 6; crashAfter += 1) {
    const documents = memoryDocuments(emptyState());
    let writes = 0;
    const dying: Documents = {
      get: (key) => documents.get(key),
      put: async (key, value, revision) => {
        writes += 1;
        if (writes > crashAfter) throw new Error('dead');
        return documents.put(key, value, revision);
      },
    };
    await accept(dying, asks('pay_1')).catch(() => undefined);
    const later = { now: START + 20_000 };
    const second = await accept(documents, asks('pay_2', later));
    const owner = await ownerOfReference(documents, 'club', 'order-1');
    expect(second).toMatchObject({ id: owner });
    expect((await readPayment(documents, owner ?? ''))?.payment).not.toHaveProperty('draft');
    const third = await accept(documents, asks('pay_3', { key: 'key-3', ...later }));
    expect(third).toEqual({ kind: 'reference-exists', id: owner });
    if (await readPayment(documents, 'pay_1'))
      expect(await finishDraft(documents, 'pay_1', asks('pay_1'))).toBe(owner);
  }
});
