import { hubspotAccount, marketingEvents } from '../../shared/connectors/hubspot/index.ts';
import { performances, tessituraAccount } from '../../shared/connectors/tessitura/index.ts';
import { defineCollection } from '../../shared/engine/flow.ts';
import { mapPerformance, type PlayedEvent, performanceFields, performanceLabel } from './performance.ts';
import { performanceEvents, type ShowSource } from './performance-events.ts';
import { usualProgramme } from './performance-programme.ts';

const account = tessituraAccount('main');

/** Names our organisation in the ids of HubSpot's events; another one would make every event anew. */
export const EXTERNAL_ACCOUNT = 'tessitura';

/** Performances of some types. */
export const shows: ShowSource = (wanted) => performances({ account, ...wanted });

/** Performances and days of timed entry as marketing events. */
export const performanceCollection = defineCollection<PlayedEvent>({
  name: 'performance',
  source: performanceEvents(shows, usualProgramme),
  target: marketingEvents({ account: hubspotAccount('main'), externalAccountId: EXTERNAL_ACCOUNT }),
  map: (event, context) => mapPerformance(event, context),
  owns: performanceFields,
  // Nothing can be deleted that was sold; one that does not take place is cancelled, and stays.
  whenGone: 'remove',
  // Performances are not merged.
  whenMerged: 'keep',
  // Its type was taken off the list.
  whenAbsent: 'remove',
  label: performanceLabel,
});
