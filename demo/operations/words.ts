/** Words the demo's names are made of. 20 cities x 10 places = 200 sites; 80 first x 100 last names = 8,000 people. */
export const CITIES: readonly (readonly [city: string, region: string])[] = [
  ['London', 'South'],
  ['Manchester', 'North West'],
  ['Leeds', 'North East'],
  ['Bristol', 'South West'],
  ['Glasgow', 'Scotland'],
  ['Edinburgh', 'Scotland'],
  ['Cardiff', 'Wales'],
  ['Belfast', 'Northern Ireland'],
  ['Birmingham', 'Midlands'],
  ['Liverpool', 'North West'],
  ['Newcastle', 'North East'],
  ['Sheffield', 'North East'],
  ['Nottingham', 'Midlands'],
  ['Leicester', 'Midlands'],
  ['Southampton', 'South'],
  ['Brighton', 'South'],
  ['Exeter', 'South West'],
  ['Swansea', 'Wales'],
  ['Aberdeen', 'Scotland'],
  ['Norwich', 'South'],
];

export const PLACES: readonly (readonly [place: string, kind: string])[] = [
  ['Head Office', 'office'],
  ['Science Park', 'laboratory'],
  ['Canal Wharf', 'office'],
  ['General Hospital', 'hospital'],
  ['Logistics Centre', 'warehouse'],
  ['Technical College', 'campus'],
  ['Market Hall', 'retail'],
  ['Station Quarter', 'office'],
  ['Harbour Works', 'factory'],
  ['Civic Centre', 'public'],
];

export const BUILDINGS: readonly string[] = [
  'Main Building',
  'North Wing',
  'East Wing',
  'Workshop',
  'Annex',
  'West Wing',
];

export const FIRST_NAMES: readonly string[] = (
  'Ada Aisha Alan Alice Amara Andrew Anna Arthur Beatrice Ben Bethany Caleb Carmen Catherine Charlie Chloe ' +
  'Clara Connor Daniel Daisy David Deepa Diana Dylan Edith Eleanor Elias Emily Emma Ethan Eva Farah Felix Fiona ' +
  'Frances Freya Gareth George Grace Hamza Hannah Harriet Harry Hugo Imogen Isaac Isla Ivan Jack Jasmine Joanna ' +
  'Joseph Kamal Kate Kieran Laila Laura Leo Lily Louis Lucy Maja Marcus Maria Martin Megan Mina Nadia Nathan ' +
  'Niamh Noah Olivia Omar Owen Priya Quentin Rachel Ravi Rosa Samuel'
).split(' ');

export const LAST_NAMES: readonly string[] = (
  'Abbott Adeyemi Ahmed Allen Anderson Atkinson Bailey Baker Banerjee Barker Bennett Bird Booth Bradley Brooks ' +
  'Burton Campbell Carr Chapman Chen Clarke Cole Cooper Cox Craig Cross Davies Dawson Dean Dixon Doyle Dunn Ellis ' +
  'Evans Farrell Fisher Fletcher Foster Fox Gallagher Gibson Gill Graham Grant Green Griffiths Hall Hamilton Harper ' +
  'Hart Hayes Hill Holmes Hudson Hughes Hunt Iqbal Jackson James Jenkins Jones Kaur Kelly Khan King Knight Lane ' +
  'Lawson Lee Lewis Lloyd Marsh Mason Mitchell Moore Morgan Murphy Nguyen Okafor Osborne Palmer Patel Pearce Perry ' +
  'Porter Price Quinn Reid Reynolds Rose Shaw Silva Singh Stone Taylor Turner Walsh Watts Wood Young'
).split(' ');

/** Task titles by category. */
export const TASK_TITLES: Readonly<Record<string, readonly string[]>> = {
  cleaning: ['Clean meeting rooms', 'Deep clean kitchen', 'Wash windows', 'Empty recycling points'],
  inspection: ['Inspect fire doors', 'Check emergency lighting', 'Walk the roof', 'Read the meters'],
  maintenance: ['Change air filters', 'Grease door closers', 'Replace lamps', 'Bleed radiators'],
  safety: ['Test fire alarm', 'Check first aid kits', 'Refill extinguisher', 'Clear escape route'],
  security: ['Review access rights', 'Patrol car park', 'Renew visitor badges', 'Test door readers'],
  moves: ['Move desks', 'Set up event room', 'Store furniture', 'Build partition'],
  catering: ['Restock kitchen', 'Service coffee machine', 'Check fridge temperatures', 'Set up buffet'],
};

export const TRADES: readonly string[] = [
  'heating',
  'electrical',
  'plumbing',
  'lifts',
  'fire_safety',
  'roofing',
  'grounds',
];

export const VENDORS: readonly string[] = [
  'Ashdown Mechanical',
  'Brightwire Electrical',
  'Copperline Plumbing',
  'Dovecote Lifts',
  'Emberguard Fire',
  'Fairweather Roofing',
  'Greenacre Grounds',
  'In-house team',
];

export const ROLES: readonly string[] = [
  'Facilities manager',
  'Technician',
  'Electrician',
  'Cleaner',
  'Security officer',
  'Receptionist',
  'Caterer',
  'Analyst',
];
