import { movedOn, type PhoneEdit, refused, refuseTooLong } from './constituent-edit.ts';
import { consentWrites } from './edit-consent.ts';
import { emailWrites } from './edit-email.ts';
import type { Edit, Rows } from './edit-rows.ts';
import { isWrites, type PlanContext, type Planned } from './edit-write.ts';

/** What has to be written for one edit; a fault where that is refused, or the record is not as it was read. Pure. */
export function planEdit(edit: Edit, rows: Rows, context: PlanContext): Planned {
  const tooLong = refuseTooLong(edit.edit);
  if (tooLong) return tooLong;
  const plans = [nameWrites, emailWrites, phoneWrites, consentWrites].map((plan) =>
    plan(edit, rows, context),
  );
  const fault = plans.find((each) => !isWrites(each));
  return fault ?? plans.filter(isWrites).flat();
}

function nameWrites({ record, edit: { names } }: Edit, rows: Rows): Planned {
  if (!names) return [];
  const row = rows.constituents.get(record.Id);
  if (row?.UpdatedDateTime !== record.UpdatedDateTime) return movedOn('the name');
  const set = {
    ...(names.first === undefined ? {} : { FirstName: names.first }),
    ...(names.middle === undefined ? {} : { MiddleName: names.middle }),
    ...(names.last === undefined ? {} : { LastName: names.last }),
    // What the service makes of the name is left to it.
    SortName: undefined,
    DisplayName: undefined,
  };
  return [{ resource: 'CRM/Constituents', row, set }];
}

function phoneWrites(edit: Edit, rows: Rows): Planned {
  const plans = (edit.edit.phones ?? []).map((phone) => phoneWrite(edit, phone, rows));
  return plans.find((each) => !isWrites(each)) ?? plans.filter(isWrites).flat();
}

function phoneWrite({ id, record }: Edit, phone: PhoneEdit, rows: Rows): Planned {
  const set = { PhoneNumber: phone.number, Inactive: false };
  if (phone.id === undefined) {
    const type = rows.phoneTypes.find((each) => !each.Inactive && phone.kind.test(each.Description ?? ''));
    if (!type)
      return refused('PhoneType', 'no phone type of this organisation matches; set another kind in the flow');
    // Whoever did not want to be called at one number does not want it at another.
    const refuses = rows.phones.get(id)?.some((each) => !each.Inactive && each.AllowTelemarketing === false);
    const AllowTelemarketing = refuses !== true;
    const add = { Constituent: { Id: record.Id }, PhoneType: { Id: type.Id }, AllowTelemarketing, ...set };
    return [{ resource: 'CRM/Phones', set: add }];
  }
  const row = rows.phones.get(id)?.find((each) => each.Id === phone.id);
  const read = record.PhoneNumbers.find((each) => each.Id === phone.id);
  if (!row || row.UpdatedDateTime !== read?.UpdatedDateTime) return movedOn('the phone');
  return [{ resource: 'CRM/Phones', row, set }];
}
