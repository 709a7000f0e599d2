/** The id of an entity that a column refers to; 0 without one. */
export function idIn(entity: unknown): number {
  const id = typeof entity === 'object' && entity !== null && 'Id' in entity ? entity.Id : undefined;
  return typeof id === 'number' ? id : 0;
}

/** What the service makes of a number besides keeping it as it was typed. */
export function phoneForms(typed: string): { PhoneSearch: string; PhoneFormatted: string } {
  const digits = typed.replace(/\D/g, '');
  const american = /^1?(\d{3})(\d{3})(\d{4})$/.exec(digits);
  const formatted = american ? `(${american[1]}) ${american[2]}-${american[3]}` : typed;
  return { PhoneSearch: digits, PhoneFormatted: formatted };
}
