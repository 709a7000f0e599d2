import { contacts, hubspotAccount } from '../../shared/connectors/hubspot/index.ts';
import { type Constituent, constituents, tessituraAccount } from '../../shared/connectors/tessitura/index.ts';
import { defineCollection, defineFlow } from '../../shared/engine/flow.ts';
import { mapPatron, patronFields, patronLabel } from './patron.ts';

const tessitura = tessituraAccount('main');
const hubspot = hubspotAccount('main');

const patrons = defineCollection<Constituent>({
  name: 'patron',
  source: constituents({ account: tessitura, include: ['memberships', 'attendance'] }),
  // A contact that marketing already has is adopted by its e-mail, not doubled.
  target: contacts({ account: hubspot, match: 'email' }),
  map: (record, context) => mapPatron(record, context),
  owns: patronFields,
  // Archived, which HubSpot can undo for 90 days; a merged patron lives on in the contact of the survivor.
  whenGone: 'remove',
  whenMerged: 'remove',
  whenAbsent: 'remove',
  label: patronLabel,
});

export const ticketingMarketing = defineFlow({
  name: 'ticketing-marketing',
  title: 'Box office to marketing',
  moves: {
    what: 'Patrons with their names, e-mail, phones, address, status, e-mail permission, membership and attendance',
    from: 'Tessitura',
    to: 'HubSpot',
    direction: 'one-way',
  },
  howOften: {
    webhook: false,
    scanEveryMinutes: 5,
    audit: { dailyAt: '02:30', timeZone: 'Europe/London' },
  },
  whenItBreaks: {
    impact:
      'Marketing works with old patron data: new patrons miss their pre-visit e-mails, members their renewal letters, and people who told the box office to stop may still be e-mailed.',
    retryHorizonHours: 168,
    maxAttempts: 8,
    parks:
      'One patron whose data HubSpot or our rules refuse, such as a misspelled e-mail. Nobody else waits for it; HubSpot keeps what it had of this patron until somebody corrects the record and replays it.',
    removals: { share: 0.01, atLeast: 25 },
    changes: { share: 0.3, atLeast: 1_000 },
  },
  whoIsPaged: { owner: 'Integration team', page: ['integration-on-call'] },
  whereToLook: { runbook: 'functions/ticketing-marketing/README.md' },
  expects: { heartbeatMinutes: 15, oldestMinutes: 30 },
  collections: [patrons],
  webhooks: {},
});
