import type { Millis } from '../../engine/ports.ts';
import type { FaultSwitch } from '../sandbox.ts';

export const FAULTS: readonly FaultSwitch[] = [
  { name: 'outage', does: 'Connections break: the server is down.' },
  {
    name: 'maintenance',
    does: 'Nightly maintenance: connections break for 30 minutes of the sandbox clock, then it is back.',
  },
  { name: 'slow', does: 'Every answer takes 3 seconds.' },
  { name: 'reply-lost', does: 'POST, PUT and DELETE are carried out, but the answer never arrives.' },
  { name: 'token-revoked', does: 'The sign-in is refused with 401, as after the 3-monthly password reset.' },
  { name: 'rights-removed', does: 'The user group loses the right to CRM/ContactPermissions: 403.' },
  {
    name: 'write-rights-removed',
    does: 'The user group may only view: POST, PUT and DELETE of CRM answer 403.',
  },
  {
    name: 'history-rights-removed',
    does: 'The user group loses the rights to memberships, tickets, attendance and scans: 403.',
  },
  { name: 'field-removed', does: 'An upgrade renames ElectronicAddresses in constituent details.' },
  { name: 'server-error', does: 'Constituents and their parts answer 500.' },
  {
    name: 'edited-meanwhile',
    does: 'Somebody at the box office saves each record just before our PUT of it: 409.',
  },
  { name: 'stale-audit', does: 'Audit entries of new changes become visible 5 minutes after their stamp.' },
];

const MAINTENANCE: Millis = 30 * 60_000;

export type Switches = ReturnType<typeof faultSwitches>;

export function faultSwitches(now: () => Millis) {
  const since = new Map<string, Millis>();
  return {
    on(name: string): boolean {
      const start = since.get(name);
      if (start === undefined) return false;
      return name !== 'maintenance' || now() - start < MAINTENANCE;
    },
    set(faults: Readonly<Record<string, boolean>>): void {
      const known = FAULTS.map((each) => each.name);
      const unknown = Object.keys(faults).find((name) => !known.includes(name));
      if (unknown !== undefined) throw new Error(`no fault "${unknown}"; there are ${known.join(', ')}`);
      for (const [name, on] of Object.entries(faults)) {
        if (on) since.set(name, now());
        else since.delete(name);
      }
    },
  };
}
