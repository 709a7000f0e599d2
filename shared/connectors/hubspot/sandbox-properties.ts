import { TOPICS } from './sandbox-topics.ts';

/** A contact property as the sandbox knows it; `type` is HubSpot's. */
export interface PropertyDefinition {
  readonly name: string;
  readonly label: string;
  readonly type: 'string' | 'enumeration' | 'number' | 'date' | 'datetime' | 'bool';
  readonly hasUniqueValue: boolean;
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

/** Why HubSpot refuses a value: its own code and words. */
export interface Problem {
  readonly property: string;
  readonly code: string;
  readonly message: string;
}

/** Earliest first: HubSpot moves a contact forward only, unless the stage is cleared before. */
export const LIFECYCLE: readonly string[] = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
];

const MEMBERSHIP = ['active', 'lapsing', 'lapsed', 'none'];

const MAX_LENGTH = 65_536;

const TEXTS =
  'email firstname lastname salutation phone mobilephone fax company jobtitle website address city state zip country ' +
  'hs_language date_of_birth tessitura_status tessitura_email_permission tessitura_email_shared_with ' +
  'tessitura_letter_salutation tessitura_other_emails tessitura_membership_org tessitura_membership_level ' +
  'tessitura_lifetime_tickets';
const DATES =
  'closedate tessitura_membership_since tessitura_membership_expires tessitura_membership_renewed ' +
  'tessitura_last_attended tessitura_next_performance';
const READ_ONLY =
  'hs_object_id createdate lastmodifieddate hs_merged_object_ids hs_additional_emails ' +
  'hs_email_hard_bounce_reason_enum';
const COMPANY_TEXTS =
  'name domain phone address city state zip country website intertie_record_kind tessitura_status ' +
  'tessitura_letter_salutation tessitura_membership_org tessitura_membership_level';
const COMPANY_READ_ONLY = 'hs_object_id createdate hs_lastmodifieddate hs_merged_object_ids';

/** The contact properties of the account: the usual ones of HubSpot and those that Intertie's flows need. */
export function standardProperties(): Map<string, PropertyDefinition> {
  const all = [
    ...TEXTS.split(' ').map((name) => define(name)),
    ...READ_ONLY.split(' ').map((name) => define(name, { readOnly: true })),
    define('tessitura_constituent_id', { hasUniqueValue: true }),
    define('lifecyclestage', { type: 'enumeration', options: LIFECYCLE }),
    define('hs_lead_status', { type: 'enumeration', options: ['NEW', 'OPEN', 'IN_PROGRESS', 'CONNECTED'] }),
    ...['hs_email_optout', ...TOPICS.map(({ id }) => `hs_email_optout_${id}`)].map((name) =>
      define(name, { type: 'bool', readOnly: true }),
    ),
    define('numemployees', { type: 'number' }),
    define('tessitura_visits_12m', { type: 'number' }),
    define('tessitura_membership_status', {
      type: 'enumeration',
      options: MEMBERSHIP,
    }),
    ...['tessitura_phone_permission', 'tessitura_mail_permission'].map((name) =>
      define(name, { type: 'enumeration', options: ['granted', 'denied'] }),
    ),
    define('tessitura_membership_via_household', { type: 'bool' }),
    ...DATES.split(' ').map((name) => define(name, { type: 'date' })),
  ];
  return new Map(all.map((each) => [each.name, each]));
}

/** The company properties of the account. */
export function companyProperties(): Map<string, PropertyDefinition> {
  const all = [
    ...COMPANY_TEXTS.split(' ').map((name) => define(name)),
    ...COMPANY_READ_ONLY.split(' ').map((name) => define(name, { readOnly: true })),
    define('tessitura_constituent_id', { hasUniqueValue: true }),
    define('numberofemployees', { type: 'number' }),
    define('tessitura_membership_status', { type: 'enumeration', options: MEMBERSHIP }),
    define('tessitura_membership_expires', { type: 'date' }),
  ];
  return new Map(all.map((each) => [each.name, each]));
}

/** A definition with HubSpot's defaults. */
export function define(name: string, more: Partial<PropertyDefinition> = {}): PropertyDefinition {
  return { name, label: name, type: 'string', hasUniqueValue: false, options: [], readOnly: false, ...more };
}

/** As HubSpot stores it: trimmed, e-mail addresses in lower case. */
export function normalise(name: string, value: string): string {
  const trimmed = value.trim();
  return name === 'email' ? trimmed.toLowerCase() : trimmed;
}

/** Why a value is refused; an empty one clears and is always good. */
export function valueProblem(
  definition: PropertyDefinition | undefined,
  name: string,
  value: string,
): Problem | undefined {
  const problem = (code: string, message: string): Problem => ({ property: name, code, message });
  if (!definition) return problem('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
  if (definition.readOnly)
    return problem('READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set.`);
  if (value === '') return undefined;
  if (value.length > MAX_LENGTH)
    return problem('VALUE_TOO_LONG', `Property "${name}" is longer than ${MAX_LENGTH}`);
  if (name === 'email' && !isEmail(value))
    return problem('INVALID_EMAIL', `Email address ${value} is invalid`);
  return typeProblem(definition, value, problem);
}

function typeProblem(
  { type, options }: PropertyDefinition,
  value: string,
  problem: (code: string, message: string) => Problem,
): Problem | undefined {
  switch (type) {
    case 'string':
      return undefined;
    case 'enumeration':
      if (options.includes(value)) return undefined;
      return problem(
        'INVALID_OPTION',
        `${value} was not one of the allowed options: [${options.join(', ')}]`,
      );
    case 'number':
      return Number.isFinite(Number(value))
        ? undefined
        : problem('INVALID_NUMERIC', `${value} was not a valid number.`);
    case 'bool':
      return value === 'true' || value === 'false'
        ? undefined
        : problem('INVALID_OPTION', `${value} was not one of the allowed options: [true, false]`);
    case 'date':
    case 'datetime':
      if (/^\d{4}-\d{2}-\d{2}/.test(value) ? !Number.isNaN(Date.parse(value)) : /^\d+$/.test(value))
        return undefined;
      return problem('INVALID_DATE', `${value} was not a valid date.`);
  }
}

function isEmail(value: string): boolean {
  return (
    value.length <= 254 &&
    /^[^\s@<>"(),:;[\]\\]+@([^\s@.<>"(),:;[\]\\]+\.)+[^\s@.<>"(),:;[\]\\\d]{2,}$/.test(value)
  );
}
