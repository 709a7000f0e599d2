/** What an account is charged for a payment, as its price list says. */
export interface FeeSchedule {
  /** 290 = 2.9 per cent. */
  basisPoints: number;
  /** Minor units for each payment, by currency; a currency that is not there is not checked. */
  fixed: Readonly<Record<string, number>>;
  /** Minor units by which a fee may differ. */
  tolerance: number;
}

/** The fee by the price list, rounded half up; undefined where it has no figure for the currency. */
export function feeBy(
  { basisPoints, fixed, tolerance }: FeeSchedule,
  gross: { minor: number; currency: string },
): { minor: number; tolerance: number } | undefined {
  const each = Object.hasOwn(fixed, gross.currency) ? fixed[gross.currency] : undefined;
  if (each === undefined) return undefined;
  const share = (BigInt(gross.minor) * BigInt(basisPoints) + 5_000n) / 10_000n;
  return { minor: Number(share) + each, tolerance };
}
