import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asFault, Fault, type FaultDetails, fingerprint, vendorCall } from '../../shared/engine/fault.ts';

const details: FaultDetails = { vendor: 'v', operation: 'o', message: 'refused' };

describe('asFault', () => {
  test('leaves a fault as it is', () => {
    const known = new Fault('rejected', details);
    expect(asFault(known, 'other')).toBe(known);
  });

  test('names the kind and the place of a foreign error, and keeps it as the cause', () => {
    const thrown = new TypeError('x is undefined');
    const fault = asFault(thrown, 'map people');
    expect(fault).toMatchObject({ kind: 'bug', vendor: 'intertie', operation: 'map people', cause: thrown });
    expect(fault.message).toMatch(/^unexpected TypeError at fault\.test\.ts:\d+; this is a defect/);
  });

  test.each([
    ['a string', 'Ada'],
    ['nothing', undefined],
    ['a number', 7],
  ])('takes %s that was thrown', (_what, thrown) => {
    expect(asFault(thrown, 'o').message).toContain(`unexpected value at ${typeof thrown};`);
  });

  test('an error without a usable stack has an unknown place', () => {
    const thrown = new Error('hidden');
    delete thrown.stack;
    expect(asFault(thrown, 'o').message).toContain('at an unknown place');
  });

  test('says nothing of what the error said, not even when that looks like a place', () => {
    const words = fc.oneof(
      fc.string({ minLength: 4 }).map((each) => `[[${each}]]`),
      fc.stringMatching(/^[a-z]{3,9}-doe\.ts:[1-9]$/),
      fc.stringMatching(/^[a-z]{3,9}\n {4}at f \(\/x\/[a-z]{3,9}-doe\.ts:[1-9]:1\)$/),
    );
    fc.assert(
      fc.property(words, (said) => {
        const message = asFault(new Error(said), 'o').message;
        expect(message).toContain('at fault.test.ts:');
        expect(message).not.toContain('-doe');
        expect(message).not.toContain(said);
        expect(asFault(said, 'o').message).not.toContain(said);
      }),
    );
  });

  test('nor what it calls itself', () => {
    const thrown = Object.assign(new Error('x'), { name: 'Error for jane@example.org' });
    expect(asFault(thrown, 'o').message).not.toContain('jane');
  });
});

describe('vendorCall', () => {
  test('passes results and faults through, and makes a bug of the rest', async () => {
    await expect(vendorCall('o', async () => 7)).resolves.toBe(7);
    const known = new Fault('unavailable', details);
    await expect(vendorCall('o', () => Promise.reject(known))).rejects.toBe(known);
    await expect(vendorCall('o', () => Promise.reject(new RangeError('x')))).rejects.toMatchObject({
      kind: 'bug',
      operation: 'o',
    });
  });
});

describe('fingerprint', () => {
  const base = fingerprint(new Fault('rejected', details));

  test('is short and does not see numbers, so that records that fail alike are alike', () => {
    expect(base).toMatch(/^[0-9a-f]{12}$/);
    const of = (id: number) =>
      fingerprint(new Fault('rejected', { ...details, message: `record ${id} refused after ${id} ms` }));
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        expect(of(a)).toBe(of(b));
      }),
    );
  });

  test.each<[string, Fault]>([
    ['kind', new Fault('bug', details)],
    ['vendor', new Fault('rejected', { ...details, vendor: 'w' })],
    ['operation', new Fault('rejected', { ...details, operation: 'p' })],
    ['status', new Fault('rejected', { ...details, status: 400 })],
    ['field', new Fault('rejected', { ...details, field: 'email' })],
    ['message', new Fault('rejected', { ...details, message: 'denied' })],
  ])('another %s is another fingerprint', (_what, fault) => {
    expect(fingerprint(fault)).not.toBe(base);
  });

  test('what is beyond 120 characters does not count', () => {
    const of = (end: string) => new Fault('rejected', { ...details, message: `${'x'.repeat(120)}${end}` });
    expect(fingerprint(of('a'))).toBe(fingerprint(of('b')));
  });
});
