import { contacts, contactWebhook, hubspotAccount } from '../../shared/connectors/hubspot/index.ts';
import {
  type Constituent,
  constituents,
  constituentWriter,
  tessituraAccount,
} from '../../shared/connectors/tessitura/index.ts';
import { defineCollection, defineFlow } from '../../shared/engine/flow.ts';
import { householdCollection } from './household-collection.ts';
import { attendanceCollection } from './participation-collection.ts';
import { mapPatron, patronFields, patronLabel } from './patron.ts';
import { editPatron, ownedByTessitura, patronHistory, patronIdentity, patronRules } from './patron-back.ts';
import { performanceCollection } from './performance-collection.ts';
import { usualSite } from './site.ts';

const tessitura = tessituraAccount('main');
const hubspot = hubspotAccount('main');
const { marketingTopic, deadMailbox, emailPermission, phonePermission, mailPermission } = usualSite;

const patrons = defineCollection<Constituent>({
  name: 'patron',
  source: constituents({
    account: tessitura,
    emailPermission,
    include: ['memberships', 'attendance'],
    tells: true,
  }),
  target: contacts({
    account: hubspot,
    // A contact that marketing already has is adopted by its e-mail, not doubled.
    match: 'email',
    consent: {
      field: 'email_consent',
      subscriptionId: marketingTopic,
      legalBasis: 'CONSENT_WITH_NOTICE',
      legalBasisExplanation: 'Given to the box office, which keeps it in Tessitura',
    },
    bounce: { field: 'email_bounced', reasons: deadMailbox },
  }),
  map: (record, context) => mapPatron(record, context),
  owns: patronFields,
  // Archived, which HubSpot can undo for 90 days; a purge is asked about first.
  whenGone: 'remove',
  whenMerged: 'merge',
  whenAbsent: 'remove',
  back: {
    fields: patronRules,
    history: (record) => patronHistory(record),
    ownedHere: (record) => ownedByTessitura(record),
    edit: (record, changed, context) => editPatron(record, changed, context),
    writer: constituentWriter({
      account: tessitura,
      permissions: { email: emailPermission, phone: phonePermission, mail: mailPermission },
    }),
    identity: patronIdentity,
    whenNew: 'match',
    whenDeleted: 'leave',
  },
  label: patronLabel,
});

export const ticketingMarketing = defineFlow({
  name: 'ticketing-marketing',
  title: 'Box office and marketing',
  moves: {
    what: 'Patrons with their names, e-mail, phones, address, status, consents, membership and attendance; households, performances and who takes part; back: e-mail, addresses that mail comes back from, consents, and names and phones that the box office lacks',
    from: 'Tessitura',
    to: 'HubSpot',
    direction: 'two-way',
  },
  howOften: {
    webhook: 'HubSpot, within seconds: contacts that were changed, merged, deleted, restored or erased',
    urgent: 'consent',
    scanEveryMinutes: 5,
    audit: { dailyAt: '02:30', timeZone: 'Europe/London' },
  },
  whenItBreaks: {
    impact:
      'People who unsubscribed or told the box office to stop may still be e-mailed, called or written to; new patrons miss their pre-visit e-mails and members their renewal letters.',
    retryHorizonHours: 168,
    maxAttempts: 8,
    parks:
      'One patron whose data either system or our rules refuse, such as a misspelled e-mail. Nobody else waits for it; both systems keep what they had of this patron until somebody corrects it and replays it.',
    removals: { share: 0.01, atLeast: 25 },
    changes: { share: 0.3, atLeast: 1_000 },
  },
  whoIsPaged: { owner: 'Integration team', page: ['integration-on-call'] },
  whereToLook: { runbook: 'functions/ticketing-marketing/README.md' },
  expects: { heartbeatMinutes: 15, oldestMinutes: 30 },
  collections: [patrons, householdCollection, performanceCollection, attendanceCollection],
  webhooks: {
    hubspot: contactWebhook({
      account: hubspot,
      collection: 'patron',
      urgentProperties: [
        'hs_email_optout',
        `hs_email_optout_${marketingTopic}`,
        'tessitura_phone_permission',
        'tessitura_mail_permission',
      ],
    }),
  },
});
