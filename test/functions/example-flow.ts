import { defineCollection, defineFlow, type Mapped } from '../../shared/engine/flow.ts';
import { type Member, members, people } from './example-vendors.ts';

/** The whole truth about what the target should hold for one record. Pure: no clock, no I/O, no surprises. */
export function mapMember(member: Member): Mapped {
  const name = member.name.trim();
  if (name === '') return { kind: 'rejected', field: 'name', because: 'is empty: fill it in at Rehearsals' };
  return { kind: 'present', fields: { name, left: member.retiredOn !== undefined } };
}

const member = defineCollection<Member>({
  name: 'member',
  source: members({ account: 'main' }),
  target: people({ account: 'main' }),
  map: mapMember,
  owns: ['name', 'left'],
  whenGone: 'remove',
  whenMerged: 'keep',
  whenAbsent: { mark: { left: true } },
});

export const membersPayroll = defineFlow({
  name: 'members-payroll',
  title: 'Members to payroll',
  moves: { what: 'Names of orchestra members', from: 'Rehearsals', to: 'Payroll', direction: 'one-way' },
  howOften: { webhook: false, scanEveryMinutes: 10, audit: { dailyAt: '03:15', timeZone: 'Europe/Berlin' } },
  whenItBreaks: {
    impact: 'New players are missing from the next payroll run.',
    retryHorizonHours: 72,
    maxAttempts: 5,
    parks: 'One player without a name; everybody else is paid.',
    removals: { share: 0.02, atLeast: 5 },
    changes: { share: 0.5, atLeast: 100 },
  },
  whoIsPaged: { owner: 'Payroll team', page: ['payroll-on-call'] },
  whereToLook: { runbook: 'functions/members-payroll/README.md' },
  expects: { heartbeatMinutes: 30, oldestMinutes: 60 },
  collections: [member],
  webhooks: {},
});
