import { Fault } from '../../engine/fault.ts';
import type { Millis } from '../../engine/ports.ts';
import { FIELD_LENGTHS } from './limits.ts';

/** A yes or a no, and when it was given (milliseconds since 1970): kept as the permission's `LastAskedDateTime`. */
export interface Answered {
  state: 'granted' | 'denied';
  at: Millis;
}

/**
 * `id` = the phone to write over; without it one is added. `kind` is matched with the phone types' descriptions,
 * for a phone that is added.
 */
export interface PhoneEdit {
  id?: number;
  kind: RegExp;
  number: string;
}

/** What flows back into one constituent; a part that is absent is left alone. */
export interface ConstituentEdit {
  /** null clears; a constituent always has a last name. */
  names?: { first?: string | null; middle?: string | null; last?: string };
  /**
   * The new primary e-mail. An address that the constituent already has is taken, else one is added; the old one
   * becomes inactive. Refused where a web login uses the old one.
   */
  email?: { address: string };
  /** An address that is not to be used any more: this constituent's rows with it become inactive. */
  ended?: string;
  phones?: readonly PhoneEdit[];
  consent?: {
    /**
     * About `address`, else the primary e-mail. A no goes to everybody who has the address, and into the
     * permission where it is `global` or no other address is left that may be written to; a yes is this
     * constituent's alone.
     */
    email?: Answered & { global?: boolean; address?: string };
    /** All phones in use, and the permission. */
    phone?: Answered;
    /** The permission for letters. */
    mail?: Answered;
  };
}

/** A name that the column cannot hold is refused, never cut. */
export function refuseTooLong({ names }: ConstituentEdit): Fault | undefined {
  const columns = { FirstName: names?.first, MiddleName: names?.middle, LastName: names?.last };
  for (const [column, value] of Object.entries(columns)) {
    const most = lengthOf(column);
    if (value && most !== undefined && value.length > most)
      return refused(
        column,
        `it takes ${most} characters and was to get ${value.length}; shorten the name where it was entered`,
      );
  }
  return undefined;
}

function lengthOf(column: string): number | undefined {
  return Object.entries(FIELD_LENGTHS).find(([name]) => name === column)?.[1];
}

/** An edit that cannot be made, by the column that it is about. */
export function refused(field: string, because: string): Fault {
  const message = `${field} was not written: ${because}`;
  return new Fault('rejected', { vendor: 'tessitura', operation: 'constituents.write', field, message });
}

/** The record is not the one that was read any more: nothing was written. */
export function movedOn(field: string): Fault {
  const message = `somebody changed ${field} since it was read`;
  return new Fault('conflict', { vendor: 'tessitura', operation: 'constituents.write', field, message });
}
