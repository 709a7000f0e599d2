import { movedOn, refused } from './constituent-edit.ts';
import type { Edit, EmailRow, Rows } from './edit-rows.ts';
import { isWrites, type Planned, type RowWrite } from './edit-write.ts';
import { emailKey } from './email-key.ts';
import { primaryEmailRow } from './schema.ts';

const RESOURCE = 'CRM/ElectronicAddresses';

/** A new primary e-mail, and addresses that end. The old primary one ends afterwards: see `retiring`. */
export function emailWrites(edit: Edit, rows: Rows): Planned {
  const { record, edit: asked } = edit;
  if (!asked.email && asked.ended === undefined) return [];
  const own = rows.emails.filter((row) => row.Constituent?.Id === record.Id);
  const ending = ofAddress(own, asked.ended).filter((row) => !row.Inactive);
  const read = primaryEmailRow(record)?.Id;
  if (read !== undefined && !own.some((row) => row.Id === read)) return movedOn('an e-mail');
  const touched = [...ending, ...own.filter((row) => row.PrimaryIndicator && row.IsEmail && !row.Inactive)];
  if (!touched.every((row) => isAsRead(edit, row))) return movedOn('an e-mail');
  const moved = asked.email ? newPrimary(edit, asked.email.address, { own, rows }) : [];
  if (!isWrites(moved)) return moved;
  const others = ending.filter((row) => row.Id !== retiring(edit));
  return [...others.map((row): RowWrite => ({ resource: RESOURCE, row, set: { Inactive: true } })), ...moved];
}

/** The row that a new primary e-mail replaces. */
export function retiring({ record, edit }: Edit): number | undefined {
  const old = primaryEmailRow(record);
  return edit.email && old && emailKey(old.Address) !== emailKey(edit.email.address) ? old.Id : undefined;
}

function newPrimary(
  edit: Edit,
  address: string,
  { own, rows }: { own: readonly EmailRow[]; rows: Rows },
): Planned {
  const { record } = edit;
  const old = own.find((row) => row.Id === primaryEmailRow(record)?.Id);
  const [known] = ofAddress(own, address);
  if (old && emailKey(old.Address) === emailKey(address)) return [];
  if (record.primaryEmailHasLogin || (old && rows.attached.has(old.Id)))
    return refused(
      'Address',
      'a web login uses the present e-mail; change it in Tessitura, where the login is changed with it',
    );
  // Whoever did not want mail at the old address does not want it at the new one, also where the old one has ended.
  const said = edit.edit.consent?.email;
  const last = old ?? own.find((row) => row.PrimaryIndicator && row.IsEmail);
  const AllowMarketing = said ? said.state === 'granted' : (last?.AllowMarketing ?? true);
  if (known) {
    const allowed = { AllowMarketing: AllowMarketing && (known.AllowMarketing || said !== undefined) };
    return [
      {
        resource: RESOURCE,
        row: known,
        set: { PrimaryIndicator: true, Inactive: false, EndDate: null, ...allowed },
      },
    ];
  }
  const type = typeFor(old, rows);
  if (type === undefined)
    return refused('ElectronicAddressType', 'the organisation has no active type for e-mail');
  const set = {
    ElectronicAddressType: { Id: type },
    Address: address,
    AllowMarketing,
    AllowHtmlFormat: true,
  };
  return [
    {
      resource: RESOURCE,
      set: { Constituent: { Id: record.Id }, ...set, PrimaryIndicator: true, Inactive: false },
    },
  ];
}

function ofAddress(rows: readonly EmailRow[], address: string | undefined): EmailRow[] {
  if (address === undefined) return [];
  return rows.filter((row) => row.IsEmail && emailKey(row.Address) === emailKey(address));
}

function typeFor(old: EmailRow | undefined, { emailTypes }: Rows): number | undefined {
  const usual = emailTypes.find((each) => each.IsEmail !== false && !each.Inactive);
  return old?.ElectronicAddressType?.Id ?? usual?.Id;
}

/** With the stamp with which it was read. */
function isAsRead({ record }: Edit, row: EmailRow): boolean {
  const read = record.ElectronicAddresses.find((each) => each.Id === row.Id);
  return read?.UpdatedDateTime === row.UpdatedDateTime;
}
