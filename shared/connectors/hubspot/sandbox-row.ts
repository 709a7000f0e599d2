import type { Author } from './sandbox-author.ts';

/** Values by property name; only properties that have one. */
export type Values = ReadonlyMap<string, string>;

/** One record. Its values are one string, so that a million of them fit into a few hundred megabytes. */
export interface Row {
  readonly id: number;
  readonly packed: string;
  readonly created: number;
  readonly updated: number;
  /** Who created it. */
  readonly author: Author;
}
