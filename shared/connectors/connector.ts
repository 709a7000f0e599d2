import type * as z from 'zod';
import type { Session } from '../engine/session.ts';

/** What every vendor's `index.ts` exports as `connector`: all that hosts and the operator's tools need of it. */
export interface Connector {
  /** Lower-case, the folder's name. */
  readonly vendor: string;
  /** As people write it. */
  readonly title: string;
  /** The JSON of the account's secret; its field descriptions are shown by `intertie connect`. */
  readonly secret: z.ZodType;
  /** One cheap call that proves the credentials; a Fault when they are no good. Returns one line for people. */
  check(session: Session): Promise<string>;
}

/** Where a vendor lacks something, the file still exists and says so. */
export interface Lacking {
  readonly kind: 'none';
  readonly because: string;
}

/** The one value of a file whose subject the vendor does not have. */
export function none(because: string): Lacking {
  return { kind: 'none', because };
}
