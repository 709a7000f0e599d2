import type { Fault } from '../../engine/fault.ts';
import type { WritePart } from './client.ts';
import type { Row } from './edit-rows.ts';

/** One row to write, or to add; `id` of the row undefined = a new one. */
export interface RowWrite {
  resource: 'CRM/Constituents' | 'CRM/ElectronicAddresses' | 'CRM/Phones' | 'CRM/ContactPermissions';
  /** The whole row as it is now, for a PUT. */
  row?: Row;
  set: Readonly<Record<string, unknown>>;
}

/** What an edit comes to. */
export type Planned = readonly RowWrite[] | Fault;

/** What a plan needs besides the rows. */
export interface PlanContext {
  /** Which contact permissions are about what. */
  about: { email: RegExp; phone: RegExp; mail: RegExp };
  /** A moment as the service takes it. */
  stamp(at: number): string;
}

/** Not a fault. */
export function isWrites(planned: Planned): planned is readonly RowWrite[] {
  return Array.isArray(planned);
}

/** The call that writes it; a row goes back whole, with the stamp that it was read with. */
export function partOf({ resource, row, set }: RowWrite): WritePart {
  const operation = `${resource
    .slice(4)
    .replace(/(?!^)([A-Z])/g, '-$1')
    .toLowerCase()}.write`;
  if (!row) return { operation, resource, method: 'POST', path: resource, body: set };
  return { operation, resource, method: 'PUT', path: `${resource}/${row.Id}`, body: { ...row, ...set } };
}
