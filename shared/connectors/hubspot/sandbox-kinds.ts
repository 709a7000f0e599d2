import { companyProperties, type PropertyDefinition, standardProperties } from './sandbox-properties.ts';

/** A type of CRM object as the account has it. */
export interface ObjectKind {
  /** In `edit`, in webhook names and in error texts. */
  readonly name: 'contact' | 'company';
  /** In paths. */
  readonly plural: 'contacts' | 'companies';
  /** HubSpot's id of the object type; both forms are good in paths. */
  readonly typeId: '0-1' | '0-2';
  readonly firstId: number;
  /** Unique besides the properties that are declared so. */
  readonly emailProperty?: string;
  /** Where it shows when it was changed last. */
  readonly modifiedProperty: string;
  /** What a read shows when it names no properties. */
  readonly shown: readonly string[];
  /** How many values of a property are remembered (HubSpot's help on property history). */
  readonly keptVersions: number;
  properties(): Map<string, PropertyDefinition>;
}

export const CONTACT: ObjectKind = {
  name: 'contact',
  plural: 'contacts',
  typeId: '0-1',
  firstId: 51_000_001,
  emailProperty: 'email',
  modifiedProperty: 'lastmodifieddate',
  shown: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  keptVersions: 45,
  properties: standardProperties,
};

export const COMPANY: ObjectKind = {
  name: 'company',
  plural: 'companies',
  typeId: '0-2',
  firstId: 81_000_001,
  modifiedProperty: 'hs_lastmodifieddate',
  shown: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  keptVersions: 20,
  properties: companyProperties,
};
