import { describe, expect, test } from 'vitest';
import { companies, contacts, hubspotAccount } from '../../../shared/connectors/hubspot/index.ts';
import type { Fields } from '../../../shared/engine/fields.ts';
import type { Write, WriteResult } from '../../../shared/engine/resource.ts';
import { faultOf } from '../contract.ts';
import { startHubspot } from './world.ts';

const account = hubspotAccount('main');
const target = contacts({ account, match: 'email' });
const create = (ref: string, fields: Fields = {}): Write => ({
  kind: 'create',
  ref,
  fields: { email: `p${ref}@example.test`, lastname: `L${ref}`, ...fields },
});
const said = (result: WriteResult | undefined) =>
  result && 'fault' in result ? (result.fault?.message ?? '') : 'no fault';

describe('what HubSpot refuses', () => {
  test.each(['v3', '2026-09'])('a write that fails in part is read in any 2xx, in %s', async (apiVersion) => {
    await using hubspot = await startHubspot();
    const session = hubspot.session({ secret: { ...hubspot.secret, apiVersion } });
    for (const resource of [target, companies({ account })]) {
      const bad = resource === target ? { email: 'no address' } : { numberofemployees: 'many' };
      const good = resource === target ? {} : { name: 'The Bells' };
      const results = await resource.write(session, [
        { kind: 'create', ref: '1', fields: good },
        { kind: 'create', ref: '2', fields: { ...good, ...bad } },
      ]);
      expect(results.get('1')).toMatchObject({ ok: true });
      expect(results.get('2')).toMatchObject({ fault: { kind: 'rejected', field: Object.keys(bad)[0] } });
    }
  });

  test('an update to an address that another contact holds says by whom', async () => {
    await using hubspot = await startHubspot();
    const done = await target.write(hubspot.session(), [create('1'), create('2')]);
    const [first, second] = ['1', '2'].map((ref) => done.get(ref));
    const targetId = second?.ok ? second.targetId : '';
    const email = 'p1@example.test';
    const results = await target.write(hubspot.session(), [
      { kind: 'update', ref: '2', targetId, fields: { email } },
    ]);
    expect(results.get('2')).toMatchObject({ fault: { kind: 'conflict' } });
    expect(said(results.get('2'))).toContain(`held by contact ${first?.ok && first.targetId} in HubSpot`);
  });

  test('a rule of the account parks the record with the name of the property', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'portal-rule': true });
    const results = await target.write(hubspot.session(), [create('1'), create('2', { lastname: null })]);
    expect(results.get('1')).toMatchObject({ ok: true });
    expect(results.get('2')).toMatchObject({ fault: { kind: 'rejected', field: 'lastname' } });
  });

  test('a property that was deleted in the account holds the flow', async () => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ 'property-deleted': true });
    const fault = await faultOf(
      target.write(hubspot.session(), [create('1', { tessitura_membership_level: 'Gold' })]),
    );
    expect(fault).toMatchObject({ kind: 'contract-changed', field: 'tessitura_membership_level' });
    expect(fault?.message).toContain('does not exist in this account');
  });

  test.each([
    ['locked', 2_000],
    ['migration', 1],
  ])('an account that is %s is asked again later, and nothing is spent', async (name, least) => {
    await using hubspot = await startHubspot();
    hubspot.sandbox.setFaults({ [name]: true });
    const tries = Array.from({ length: 3 }, (_, n) =>
      faultOf(target.write(hubspot.session(), [create(String(n))])),
    );
    const faults = (await Promise.all(tries)).filter((each) => each !== undefined);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) {
      expect(fault.kind).toBe('rate-limited');
      expect(fault.retryAfter).toBeGreaterThanOrEqual(least);
    }
  });
});
