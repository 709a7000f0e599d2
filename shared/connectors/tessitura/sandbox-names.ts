/** Given and family names as box offices meet them: many scripts, and everything that breaks a naive importer. */
interface Names {
  first: readonly string[];
  last: readonly string[];
}

export const PLAIN: Names = {
  first: [
    'Anna',
    'Ben',
    'Chloe',
    'David',
    'Emily',
    'Frank',
    'Grace',
    'Henry',
    'Isla',
    'Jack',
    'Maria',
    'Noah',
  ],
  last: [
    'Smith',
    'Jones',
    'Brown',
    'Taylor',
    'Walker',
    'Garcia',
    'Miller',
    'Wilson',
    'Moore',
    'Clark',
    'Lewis',
  ],
};

export const WORLD: readonly Names[] = [
  {
    first: ['Zoë', 'François', 'Łucja', 'Jürgen', 'Siân'],
    last: ['Müller', 'Dvořák', 'Şahin', 'Ångström', 'Nuñez'],
  },
  {
    first: ['Seán', "D'Arcy", 'Mary-Jane'],
    last: ["O'Brien", "d'Angelo", 'van der Berg', 'Smith-Jones', 'Mc Donald'],
  },
  { first: ['محمد', 'فاطمة', 'ليلى'], last: ['الحسيني', 'بن علي', 'عبد الرحمن'] },
  { first: ['שרה', 'דוד'], last: ['כהן', 'לוי'] },
  { first: ['伟', '秀英', '太郎', 'さくら'], last: ['王', '李', '山田', '佐々木'] },
  { first: ['민준', '서연'], last: ['김', '박'] },
  { first: ['Иван', 'Ольга', 'Юлія'], last: ['Петров', 'Шевченко', 'Достоевская'] },
  { first: ['Γιώργος', 'Ελένη'], last: ['Παπαδόπουλος', 'Νικολάου'] },
  { first: ['สมชาย', 'สุดา'], last: ['ศรีสุข', 'วงศ์สวัสดิ์'] },
  { first: ['आरव', 'प्रिया'], last: ['शर्मा', 'गुप्ता'] },
  // Combining marks instead of ready-made letters, an emoji with a joiner, blanks where nobody sees them.
  {
    first: ['Zoe\u0308', 'Jose\u0301', 'Mia 🎭', ' Lena '],
    last: ['Nu\u0303ez', 'Ng 👩\u200D🎤', 'Ho ', 'Le\u00A0Roy'],
  },
];

/** Last names at both ends of the column's length, 1 and 55. */
export const EXTREME_LAST = [
  'O',
  'Ó',
  '李',
  'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaughby',
  'Keihanaikukauakahihuliheekahaunaele-Rhoshandiatellyneshi',
].map((name) => name.slice(0, 55));

export const ORGANISATIONS = [
  'Riverside Bank',
  'Café Zürich GmbH',
  'St. Mary’s School',
  '東京文化財団',
  'Smith & Sons, Ltd.',
];
export const PREFIXES = ['Ms.', 'Mr.', 'Dr.', 'Mx.', 'The Hon.'];
export const SUFFIXES = ['Jr.', 'III', 'OBE'];
export const DOMAINS = ['example.com', 'example.org', 'mail.example.net', 'students.example.edu'];

interface Place {
  Country: { Id: number; Description: string; Inactive: boolean };
  State?: { Id: number; StateCode: string; Description: string; Inactive: boolean };
  City: string;
  PostalCode?: string;
  Street1: string;
  phones: readonly string[];
}

const country = (Id: number, Description: string) => ({ Id, Description, Inactive: false });
const state = (Id: number, StateCode: string, Description: string) => ({
  Id,
  StateCode,
  Description,
  Inactive: false,
});
const USA = country(1, 'USA');
const UK = country(2, 'United Kingdom');

/** Home first, because most patrons live near the theatre; phone numbers as people type them. */
export const PLACES: readonly Place[] = [
  {
    Country: USA,
    State: state(36, 'NY', 'New York'),
    City: 'New York',
    PostalCode: '100230000',
    Street1: 'W 65th St',
    phones: ['2125550142', '(212) 555-0178', '212.555.0133 x12'],
  },
  {
    Country: USA,
    State: state(36, 'NY', 'New York'),
    City: 'Brooklyn',
    PostalCode: '11217',
    Street1: 'Lafayette Ave',
    phones: ['718-555-0119', '+1 718 555 0164'],
  },
  {
    Country: USA,
    State: state(34, 'NJ', 'New Jersey'),
    City: 'Hoboken',
    PostalCode: '07030',
    Street1: 'Washington St',
    phones: ['2015550101'],
  },
  {
    Country: USA,
    State: state(6, 'CT', 'Connecticut'),
    City: "O'Hara",
    PostalCode: '06510',
    Street1: 'Chapel St # 4',
    phones: ['203 555 0188'],
  },
  {
    Country: UK,
    City: 'London',
    PostalCode: 'SW1A 1AA',
    Street1: 'The Mall',
    phones: ['020 7946 0018', '+44 20 7946 0991'],
  },
  {
    Country: UK,
    City: 'Llanfairpwll',
    PostalCode: 'LL61 5UJ',
    Street1: 'Ffordd Caergybi',
    phones: ['01632 960983'],
  },
  {
    Country: country(3, 'Germany'),
    City: 'Köln',
    PostalCode: '50667',
    Street1: 'Große Straße 7½',
    phones: ['0221 4710123'],
  },
  {
    Country: country(4, 'Japan'),
    City: '東京都',
    PostalCode: '100-0001',
    Street1: '千代田1-1',
    phones: ['03-3213-1111'],
  },
  { Country: country(5, 'Hong Kong'), City: 'Kowloon', Street1: 'Nathan Road 1', phones: ['+852 2123 4567'] },
  {
    Country: country(6, 'Canada'),
    State: state(61, 'ON', 'Ontario'),
    City: 'Toronto',
    PostalCode: 'M5V 2T6',
    Street1: 'King St W',
    phones: ['416-555-0150'],
  },
];

/** What stands in phone columns that is no phone number. */
export const BAD_PHONES = ['call wife first', '000', '555-0199', 'n/a', '+1 (000) 000-0000'];
