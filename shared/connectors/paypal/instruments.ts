/** How a payer pays; `instrument` of a charge says which. */
export type Instrument =
  /** `paypal`: the payer approves at PayPal and comes back. */
  | { kind: 'approval' }
  /** `card:<vault id>`, `paypal:<vault id>` or `agreement:<id>`: saved before, nobody has to be there. */
  | { kind: 'saved'; source: Readonly<Record<string, unknown>> };

/** Undefined for what PayPal would not understand. Ids are PayPal's own; card numbers never fit. */
export function instrumentOf(text: string): Instrument | undefined {
  if (text === 'paypal') return { kind: 'approval' };
  const match = /^(card|paypal|agreement):([0-9A-Za-z_-]{1,255})$/.exec(text);
  const [, kind, id] = match ?? [];
  // Vault ids have letters; digits alone could be a card's number.
  if (id === undefined || /^\d{12,19}$/.test(id)) return undefined;
  if (kind === 'card') return { kind: 'saved', source: { card: { vault_id: id } } };
  if (kind === 'paypal') return { kind: 'saved', source: { paypal: { vault_id: id } } };
  return { kind: 'saved', source: { token: { id, type: 'BILLING_AGREEMENT' } } };
}
