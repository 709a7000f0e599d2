import type { Millis, Page } from './ports.ts';

export interface Document {
  value: unknown;
  /** Changes with every write. */
  revision: string;
}

/** Small JSON documents with compare-and-set: cursors, budgets, holds, the mass-change guard. */
export interface Documents {
  get(key: string): Promise<Document | undefined>;
  /**
   * Writes only if the stored revision is `revision` (undefined: only if there is none); false = somebody was faster.
   * `filed` puts the document into that list alone; without it, it lies in none.
   */
  put(key: string, value: unknown, revision: string | undefined, filed?: Filing): Promise<boolean>;
}

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
