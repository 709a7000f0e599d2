import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../shared/connectors/tessitura/faults.ts';
import { faultFrom, vendorError } from '../../../shared/connectors/tessitura/faults.ts';
import type { FaultKind } from '../../../shared/engine/fault.ts';

const read: Call = {
  operation: 'constituents.read',
  method: 'GET',
  resource: 'CRM/Constituents',
  effect: 'read',
};
const write: Call = { operation: 'phones.update', method: 'PUT', resource: 'CRM/Phones', effect: 'write' };
const fault = (call: Call, status: number, body = '') => faultFrom(call, { status, body });

describe('status to fault', () => {
  const table: [number, FaultKind, FaultKind][] = [
    [302, 'contract-changed', 'contract-changed'],
    [400, 'rejected', 'rejected'],
    [401, 'auth-expired', 'auth-expired'],
    [403, 'auth-expired', 'auth-expired'],
    [404, 'rejected', 'rejected'],
    [405, 'rejected', 'rejected'],
    [408, 'unavailable', 'unknown-outcome'],
    [409, 'conflict', 'conflict'],
    [429, 'rate-limited', 'rate-limited'],
    [500, 'unavailable', 'unknown-outcome'],
    [502, 'unavailable', 'unknown-outcome'],
    [503, 'unavailable', 'unknown-outcome'],
    [504, 'unavailable', 'unknown-outcome'],
  ];
  test.each(table)('%i is %s on a read and %s on a write', (status, onRead, onWrite) => {
    expect(fault(read, status).kind).toBe(onRead);
    expect(fault(write, status).kind).toBe(onWrite);
    expect(fault(read, status)).toMatchObject({
      vendor: 'tessitura',
      operation: 'constituents.read',
      status,
    });
  });

  test.each(['Batch', 'Custom/Execute', 'Reporting/AuditLogs', 'Diagnostics'])(
    '404 of %s is about the service: no record is parked for it',
    (resource) => {
      const missing = fault({ ...read, resource }, 404);
      expect(missing.kind).toBe('contract-changed');
      expect(missing.message).toContain('baseUrl');
    },
  );

  test('a refused sign-in tells of the API user type and how to mend it', () => {
    const refused = fault(read, 401);
    expect(refused.message).toContain('type API');
    expect(refused.message).toContain('3 months');
    expect(refused.mend).toBe('npm run intertie -- connect tessitura');
  });

  test.each([
    [read, '"View" on CRM/Constituents'],
    [write, '"Edit" on CRM/Phones'],
    [{ ...write, method: 'POST' as const, resource: 'Batch' }, '"Add" on Batch'],
    [{ ...write, method: 'DELETE' as const }, '"Delete" on CRM/Phones'],
  ])('a missing right names verb and resource', (call, right) => {
    expect(fault(call, 403).message).toContain(right);
    expect(fault(call, 403).mend).toContain('connect tessitura');
  });
});

describe('error bodies', () => {
  const message = { Code: 'VALIDATION', Description: 'The field is required.', ErrorPath: 'LastName' };
  test.each([
    ['a list', JSON.stringify([message, { Description: 'second' }])],
    ['a single object', JSON.stringify(message)],
  ])('%s gives the words and the field', (_, body) => {
    expect(vendorError(body)).toEqual({ words: 'VALIDATION The field is required.', field: 'LastName' });
    expect(fault(write, 400, body)).toMatchObject({ kind: 'rejected', field: 'LastName' });
  });

  test.each([
    ['plain text', 'Server is busy', 'Server is busy'],
    ['nothing', '', ''],
    ['an HTML page', '<html><body>anna@example.com</body></html>', 'an HTML page, so a proxy'],
    ['null columns', '[{"Code":null,"Description":null}]', ''],
    ['an empty list', '[]', '[]'],
    ['an unknown object', '{"Message":"No HTTP resource was found"}', ''],
  ])('%s', (_, body, words) => {
    expect(vendorError(body).words).toContain(words);
    expect(fault(read, 500, body).message).not.toContain('undefined');
  });

  test('what the vendor quotes is blotted out: e-mails, quoted values, numbers', () => {
    const Description = `Duplicate 'O Brien' for anna.b@example.com, customer 1234567, "12 High St"`;
    const { words } = vendorError(JSON.stringify([{ Description }]));
    expect(words).toBe('Duplicate "…" for … customer #, "…"');
  });

  test('no e-mail address survives, in any body', () => {
    const body = fc
      .tuple(fc.string(), fc.emailAddress(), fc.string())
      .map(([a, email, b]) => ({ a, email, b }));
    fc.assert(
      fc.property(body, fc.boolean(), ({ a, email, b }, asJson) => {
        const text = `${a} ${email} ${b}`;
        const said = vendorError(asJson ? JSON.stringify([{ Description: text, ErrorPath: email }]) : text);
        expect(JSON.stringify(said)).not.toContain(email);
      }),
    );
  });

  test('any body gives a fault of one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 300, max: 599 }), (body, status) => {
        expect(fault(read, status, body).message).not.toMatch(/[\r\n]/);
      }),
    );
  });
});
