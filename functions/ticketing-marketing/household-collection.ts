import { companies, hubspotAccount } from '../../shared/connectors/hubspot/index.ts';
import { constituents, households, tessituraAccount } from '../../shared/connectors/tessitura/index.ts';
import { defineCollection } from '../../shared/engine/flow.ts';
import { householdFields, householdLabel, LABELS, MEMBERS, mapHousehold } from './household-company.ts';
import { type Home, homes } from './household-people.ts';

const account = tessituraAccount('main');

/** Households as companies, with their people's contacts. */
export const householdCollection = defineCollection<Home>({
  name: 'household',
  source: homes(households({ account }), constituents({ account })),
  target: companies({ account: hubspotAccount('main'), members: MEMBERS, labels: LABELS }),
  map: (home, context) => mapHousehold(home, context),
  owns: householdFields,
  // Archived, which HubSpot can undo for 90 days, and no longer on any contact.
  whenGone: 'remove',
  // The people of the one that is gone are people of the survivor, which has its own company.
  whenMerged: 'remove',
  // Protected: as with people, nothing of it stays.
  whenAbsent: 'remove',
  label: householdLabel,
});
