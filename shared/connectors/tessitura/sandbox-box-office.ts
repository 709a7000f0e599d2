import type { SandboxEdit } from '../sandbox.ts';
import { curtainUp, dayAt, isCancelled } from './sandbox-calendar.ts';
import type { Hands } from './sandbox-desk-form.ts';
import { isHeld } from './sandbox-holdings.ts';
import { editMembership, renew } from './sandbox-membership-desk.ts';
import { editShow } from './sandbox-show-desk.ts';
import type { Store } from './sandbox-store.ts';
import { buy, editTicket, giveBack, scanAtDoor, scanForm } from './sandbox-ticket-desk.ts';

/** Sales, returns, scans at the doors, memberships and the playbill, as the staff do them. */
export function sandboxBoxOffice(store: Store, hands: Hands) {
  return {
    /** Undefined for a record that is not the box office's. */
    edit(wanted: SandboxEdit): string | undefined {
      const desk = { store, actor: hands(wanted.by) };
      switch (wanted.record) {
        case 'ticket':
          return String(editTicket(desk, wanted));
        case 'scan':
          return String(scanAtDoor(desk, scanForm(wanted.set)));
        case 'membership':
          return String(editMembership(desk, wanted));
        case 'performance':
          return String(editShow(desk, wanted));
        default:
          return undefined;
      }
    },
    /** One piece of business with somebody; each leaves an entry in the audit log, a scan one at the doors. */
    act(constituent: number, what: number): void {
      const desk = { store, actor: hands('staff') };
      const held = store.children('SubLineItems', constituent).filter(isHeld);
      const ticket = held[what % Math.max(1, held.length)];
      const membership = store.children('Memberships', constituent)[0];
      const business = what % 4;
      const Day = openDay(store, dayAt(store.now()) + (what % 60));
      if (business === 0 && ticket) giveBack(desk, ticket.Id);
      else if (business === 1 && ticket) scanAtDoor(desk, scanForm({ Ticket: ticket.Id }));
      else if (business === 2 && membership) renew(desk, membership.Id);
      else buy(desk, { Constituent: constituent, Day, Amount: 35 });
    },
  };
}

function openDay(store: Store, from: number): number {
  const past = curtainUp(from) <= store.now();
  return past || isCancelled(store.layout.seed, from) ? openDay(store, from + 1) : from;
}
