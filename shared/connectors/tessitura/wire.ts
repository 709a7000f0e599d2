import * as z from 'zod';

/** The envelopes of the REST service: if one of these does not fit, the contract has changed for everybody. */
export const BatchReplySchema = z.object({
  Responses: z.array(
    z.object({
      RequestId: z.int(),
      StatusCode: z.int(),
      ResponseObject: z.unknown().optional(),
      ErrorMessages: z.unknown().optional(),
    }),
  ),
});

/** `Diagnostics/Status`. */
export const StatusSchema = z.object({
  Success: z.boolean(),
  TimeStamp: z.string(),
  TimeZone: z.string().nullish(),
});

/** `Reporting/AuditLogs`, one page; `Total` counts all pages. */
export const AuditReplySchema = z.object({
  Total: z.int(),
  /** The size that was served, should the service cap what was asked. */
  PageSize: z.int().positive().nullish(),
  AuditLogs: z.array(
    z.object({
      Id: z.int(),
      UserName: z.string().nullish(),
      ActionDateTime: z.string().nullish(),
      CreateLocation: z.string().nullish(),
      AuditDetails: z.array(
        z.object({
          Action: z.string().nullish(),
          AuditTable: z.string(),
          EntityId: z.int().nullish(),
          ParentEntityId: z.int().nullish(),
          /** Values as text; null ones are absent. */
          AuditEntries: z
            .array(z.object({ Property: z.string(), Old: z.string().nullish(), New: z.string().nullish() }))
            .nullish(),
        }),
      ),
    }),
  ),
});
export type AuditLog = z.infer<typeof AuditReplySchema>['AuditLogs'][number];
/** What an entry says of one row. */
export type AuditDetail = AuditLog['AuditDetails'][number];

/** `Reporting/Lists/{id}/Contents`: ids only. */
export const ListContentsSchema = z.array(z.object({ ConstituentId: z.int() }));

/** Rows of LP_INTERTIE_CHANGES; null columns are absent. */
export const ChangeRowsSchema = z.array(z.object({ change_id: z.string(), constituent_id: z.int() }));

/** Rows of LP_INTERTIE_CONSTITUENTS. */
export const ConstituentRowsSchema = z.array(
  z.object({ constituent_id: z.int(), merged_into: z.int().nullish() }),
);

/** `CRM/ElectronicAddresses?address=`. */
export const SharedAddressesSchema = z.array(
  z.object({
    Constituent: z.object({ Id: z.int() }).nullish(),
    Inactive: z.boolean(),
    PrimaryIndicator: z.boolean(),
    AllowMarketing: z.boolean(),
  }),
);
export type SharedAddress = z.infer<typeof SharedAddressesSchema>[number];

/** `CRM/WebLogins/Search`. */
export const LoginsSchema = z.array(
  z.object({ Constituent: z.object({ Id: z.int() }), Inactive: z.boolean() }),
);

/** `CRM/Affiliations`. */
export const AffiliationsSchema = z.array(
  z.object({
    IndividualConstituent: z.object({ Id: z.int() }),
    Inactive: z.boolean(),
    PrimaryIndicator: z.boolean(),
    NameIndicator: z.int().nullish(),
  }),
);

const DoorRowSchema = z.object({
  Id: z.int(),
  /** 0 or absent for a ticket that is nobody's. */
  CustomerNumber: z.int().nullish(),
  /** 0 or absent for a membership card or an area. */
  PerformanceNumber: z.int().nullish(),
  /** `Y` = let in. */
  TicketOk: z.string().nullish(),
});
export type DoorRow = z.infer<typeof DoorRowSchema>;

/** `AccessControl/EventControl`: every attempt at the doors, refused ones too. */
export const EventControlSchema = z.object({ EventControlSet: z.array(DoorRowSchema).nullish() });
