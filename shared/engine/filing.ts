import type { Documents, Millis, Page } from './ports.ts';

/** Where a document lies in a list of its own. */
export interface Filing {
  /** Names the list; its first part, up to a slash, is the service's name. */
  list: string;
  /** Sorts it there. */
  at: Millis;
}

/** Documents that are found again by their list. */
export interface FiledDocuments extends Documents {
  /** Keys of a list, the earliest first. May be stale by moments: read the document before you believe it. */
  listed(list: string, limit: number, after?: string): Promise<Page<string>>;
}
