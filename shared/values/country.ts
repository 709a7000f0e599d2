import { type Parsed, parsed, unparsed } from './parsed.ts';

/** ISO 3166-1 alpha-2, officially assigned. */
const CODES = (
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY ' +
  'BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK ' +
  'FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR ' +
  'IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ' +
  'ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM ' +
  'PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF ' +
  'TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
).split(' ');

/** Names in daily use that are not the dictionary's name of the country; keys as `comparable` makes them. */
const ALIASES: Readonly<Record<string, string>> = {
  'united states of america': 'US',
  usa: 'US',
  america: 'US',
  uk: 'GB',
  'great britain': 'GB',
  gbr: 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  'united kingdom of great britain and northern ireland': 'GB',
  eire: 'IE',
  'republic of ireland': 'IE',
  irl: 'IE',
  can: 'CA',
  aus: 'AU',
  nzl: 'NZ',
  holland: 'NL',
  'the netherlands': 'NL',
  deutschland: 'DE',
  uae: 'AE',
  'czech republic': 'CZ',
  turkey: 'TR',
  'russian federation': 'RU',
  'south korea': 'KR',
  'korea south': 'KR',
  'republic of korea': 'KR',
  'north korea': 'KP',
  'viet nam': 'VN',
  'ivory coast': 'CI',
  'cape verde': 'CV',
  swaziland: 'SZ',
  macedonia: 'MK',
  burma: 'MM',
  myanmar: 'MM',
  'hong kong': 'HK',
  macau: 'MO',
  macao: 'MO',
  palestine: 'PS',
  'peoples republic of china': 'CN',
  'republic of china': 'TW',
  'vatican city state': 'VA',
};

const byName = new Map([...dictionaryNames(), ...Object.entries(ALIASES)]);

/** ISO 3166-1 alpha-2 from such a code or an English name of a country, however it is spelled or punctuated. */
export function parseCountry(text: string): Parsed<string> {
  const wanted = comparable(text);
  if (wanted === '') return unparsed('is empty');
  const code = byName.get(wanted);
  return code === undefined ? unparsed('is not a country that ISO 3166-1 knows') : parsed(code);
}

function dictionaryNames(): [string, string][] {
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
  return CODES.flatMap((code): [string, string][] => [
    [comparable(code), code],
    [comparable(english.of(code) ?? code), code],
  ]);
}

function comparable(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’.]/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .replaceAll(/\bsaint\b/g, 'st')
    .trim();
}
