const SHORTEST = 13;
const LONGEST = 19;
const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/**
 * Does a text hold what may be a card number: 13 to 19 digits, perhaps in groups with spaces or dashes between, whose
 * check digit is right (ISO/IEC 7812-1)? One other number in ten passes too; better that than a card in a database.
 */
export function holdsCardNumber(text: string): boolean {
  const plain = text.normalize('NFKC').replace(UUID, ' ; ');
  return (plain.match(/\d(?:[\s\u2010-\u2015-]{0,2}\d)*/g) ?? []).some(hasCardGroups);
}

/** Some neighbouring groups of digits that make one together. */
function hasCardGroups(run: string): boolean {
  const groups = run.split(/\D+/);
  return groups.some((_, from) => {
    let digits = '';
    for (const group of groups.slice(from)) {
      digits += group;
      if (digits.length > LONGEST) return false;
      if (digits.length >= SHORTEST && passesCheck(digits)) return true;
    }
    return false;
  });
}

/** Luhn's formula. Zeros alone pass it, and are no card. */
function passesCheck(digits: string): boolean {
  let sum = 0;
  for (const [at, digit] of [...digits].toReversed().entries()) {
    const doubled = at % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && sum > 0;
}
