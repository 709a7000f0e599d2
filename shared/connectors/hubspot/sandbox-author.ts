/** Who changed something, as HubSpot shows it in property histories and webhooks. */
export interface Author {
  /** HubSpot's own name of the way it came in, e.g. `INTEGRATION`, `CRM_UI`, `FORM`. */
  readonly sourceType: string;
  readonly sourceId?: string;
  readonly sourceLabel?: string;
  readonly userId?: number;
}

const USER = 1_234_567;

/** A colleague at the screen. */
export const STAFF: Author = { sourceType: 'CRM_UI', sourceId: `userId:${USER}`, userId: USER };
/** The person, by a form of the website. */
export const BY_FORM: Author = {
  sourceType: 'FORM',
  sourceId: '5d1f2c1e-0b7a-4f7e-9d55-2f5f0c9a7e11',
  sourceLabel: 'Your details',
};
/** The person, by the unsubscribe link or the preference page of an e-mail (the name is not documented). */
export const BY_EMAIL_LINK: Author = { sourceType: 'EMAIL', sourceLabel: 'Unsubscribe link' };
/** HubSpot itself, because an e-mail came back (the name is not documented). */
export const BY_BOUNCE: Author = { sourceType: 'EMAIL', sourceLabel: 'Hard bounce' };
/** HubSpot itself, while two records become one (the name is not documented). */
export const BY_MERGE: Author = { sourceType: 'MERGE_OBJECTS' };

/** A write through the API: told by the app that the token belongs to. */
export function byApp(appId: number): Author {
  return { sourceType: 'INTEGRATION', sourceId: String(appId) };
}
