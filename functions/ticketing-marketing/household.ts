import { type Constituent, isIndividual, type Membership } from '../../shared/connectors/tessitura/schema.ts';

/**
 * Ids of the people who have a share in this household's memberships, in a stable order. A household without
 * memberships concerns nobody, which spares a first run a second look at most people.
 */
export function householdMembers(household: Constituent): string[] {
  if (isIndividual(household) || heldBy(household).length === 0) return [];
  const members = (household.Affiliations ?? [])
    .filter((each) => each.GroupConstituent.Id === household.Id && each.PrimaryIndicator)
    .map((each) => each.IndividualConstituent.Id);
  return [...new Set(members)].sort((a, b) => a - b).map(String);
}

/** All that its members have of a household, in a stable order; nothing for a person, on whom nobody depends for it. */
export function sharedWithMembers(household: Constituent): readonly unknown[] {
  if (isIndividual(household) || heldBy(household).length === 0) return [];
  const byText = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  return [...byText(heldBy(household)), ...byText(household.Affiliations ?? [])];
}

/** With affiliates included, a household's rows come with those of its members. */
function heldBy({ Memberships = [], Id }: Constituent): readonly Membership[] {
  return Memberships.filter((row) => (row.Constituent?.Id ?? Id) === Id);
}
