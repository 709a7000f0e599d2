/** A kind of e-mail that people subscribe to. */
export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

/** The account's own subscription types. */
export const TOPICS: readonly Topic[] = [
  { id: 801_001, name: 'Marketing Information', description: 'Offers and news of the season.' },
  { id: 801_002, name: 'Membership', description: 'News for members and donors.' },
  { id: 801_003, name: 'Event reminders', description: 'What to know before a visit.' },
];
