import { hubspotAccount, participations as places } from '../../shared/connectors/hubspot/index.ts';
import { constituents, participations, tessituraAccount } from '../../shared/connectors/tessitura/index.ts';
import { defineCollection } from '../../shared/engine/flow.ts';
import { attendingFields, attendingLabel, mapAttending } from './participation.ts';
import { type Attending, attendings } from './participation-source.ts';
import { EXTERNAL_ACCOUNT, shows } from './performance-collection.ts';
import { usualProgramme } from './performance-programme.ts';

const account = tessituraAccount('main');
const { eventTypes, timedTypes, listed } = usualProgramme;

/** Who has a ticket for which event, who came and who did not. */
export const attendanceCollection = defineCollection<Attending>({
  name: 'attendance',
  source: attendings({
    participations: participations({ account, types: [...eventTypes, ...timedTypes], listed }),
    people: constituents({ account, include: ['attendance'] }),
    shows,
    programme: usualProgramme,
  }),
  target: places({
    account: hubspotAccount('main'),
    externalAccountId: EXTERNAL_ACCOUNT,
    eventCollection: 'performance',
    patronCollection: 'patron',
  }),
  map: (attending, context) => mapAttending(attending, context),
  owns: attendingFields,
  // No ticket is left, not even a returned one: it is somebody else's evening now. HubSpot cancels, it forgets nothing.
  whenGone: 'remove',
  // The contact that is archived or merged takes it along; cancelled here, it would cancel the survivor's.
  whenMerged: 'keep',
  // The contact or the event itself is taken away, or it is history: to cancel it would be a lie.
  whenAbsent: 'keep',
  label: attendingLabel,
});
