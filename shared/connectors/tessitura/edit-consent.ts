import type { Answered } from './constituent-edit.ts';
import { refused } from './constituent-edit.ts';
import { consentAddress, type Edit, type PermissionRow, type Rows } from './edit-rows.ts';
import { isWrites, type PlanContext, type Planned, type RowWrite } from './edit-write.ts';
import { emailKey } from './email-key.ts';

/**
 * Consent. Rows are compared with nothing that was read before: a no must not wait for an edit of something else,
 * and each PUT carries the stamp that the row has now.
 */
export function consentWrites(edit: Edit, rows: Rows, context: PlanContext): Planned {
  const { consent } = edit.edit;
  if (!consent) return [];
  const plans = [
    ...(consent.email ? [emailConsent(edit, consent.email, { rows, context })] : []),
    ...(consent.phone ? [phoneConsent(edit, consent.phone, { rows, context })] : []),
    ...(consent.mail
      ? [permission(edit, { answer: consent.mail, about: context.about.mail }, { rows, context })]
      : []),
  ];
  return plans.find((each) => !isWrites(each)) ?? plans.filter(isWrites).flat();
}

interface Known {
  rows: Rows;
  context: PlanContext;
}

type EmailAnswer = Answered & { global?: boolean };

function emailConsent(edit: Edit, answer: EmailAnswer, known: Known): Planned {
  const { record } = edit;
  const address = consentAddress(edit);
  const own = known.rows.emails.filter((row) => row.Constituent?.Id === record.Id);
  const isAbout = (row: { Address: string }) =>
    address !== undefined && emailKey(row.Address) === emailKey(address);
  const inUse = own.filter((row) => row.IsEmail && !row.Inactive);
  const allow = answer.state === 'granted';
  const everybodys = address === undefined ? [] : (known.rows.withAddress.get(emailKey(address)) ?? []);
  const others = allow ? [] : everybodys.filter((row) => !row.Inactive && row.Constituent?.Id !== record.Id);
  const flags = [...inUse.filter(isAbout), ...others]
    .filter((row) => row.AllowMarketing !== allow)
    .map((row): RowWrite => ({ resource: 'CRM/ElectronicAddresses', row, set: { AllowMarketing: allow } }));
  const remains = inUse.some((row) => !isAbout(row) && row.AllowMarketing);
  const answers = allow || answer.global || !remains;
  const about = known.context.about.email;
  const permissions = answers ? permission(edit, { answer, about }, known) : [];
  return isWrites(permissions) ? [...flags, ...permissions] : permissions;
}

function phoneConsent(edit: Edit, answer: Answered, known: Known): Planned {
  const allow = answer.state === 'granted';
  const flags = (known.rows.phones.get(edit.id) ?? [])
    .filter((row) => !row.Inactive && (row.AllowTelemarketing ?? false) !== allow)
    .map((row): RowWrite => ({ resource: 'CRM/Phones', row, set: { AllowTelemarketing: allow } }));
  const permissions = permission(edit, { answer, about: known.context.about.phone }, known);
  return isWrites(permissions) ? [...flags, ...permissions] : permissions;
}

/** Every answer of the category that says otherwise; where there is none at all, one is added. */
function permission(
  { id, record }: Edit,
  { answer, about }: { answer: Answered; about: RegExp },
  { rows, context }: Known,
): Planned {
  const resource = 'CRM/ContactPermissions';
  const set = { Answer: answer.state === 'granted' ? 'Y' : 'N', LastAskedDateTime: context.stamp(answer.at) };
  const isAbout = (type: PermissionRow['Type']) =>
    about.test(type.Category?.Description ?? type.Description ?? '');
  const asked = (rows.permissions.get(id) ?? []).filter((row) => isAbout(row.Type));
  const differing = asked.filter((row) => row.Answer?.trim().toUpperCase() !== set.Answer);
  if (asked.length > 0) return differing.map((row) => ({ resource, row, set }));
  const type = rows.permissionTypes.find((each) => !each.Inactive && isAbout(each));
  if (type) return [{ resource, set: { Constituent: { Id: record.Id }, Type: { Id: type.Id }, ...set } }];
  return refused(
    'ContactPermissions',
    'no type of contact permission is about this; set which one is in the flow',
  );
}
