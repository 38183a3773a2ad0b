import { SeededRandom } from '../../helpers/seeded-random.js';

/** Every request is made at some instant of this hour: relative periods mean the same in all of it. */
export const NOW_MS = Date.parse('2026-03-31T10:00:00Z');
export const NOW_SPAN_MS = 3_600_000;

/** The value of a parameter as its dashboard means it; null: left out. */
export type Meaning = string | number | boolean | readonly [startMs: number, endMs: number] | null;
export type MeaningKind = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'period';

/** What encodings, separators and normal forms like to confuse. */
const ATOMS = [
  ...['|', ':', '/', ',', '&', '=', '?', '#', '+', '%', '%26', '%7C', '%2526', ';', '"', "'", '\\', '[', ']'],
  ...['\u0001', '\u001f', '\n', ' ', '7', '07', '7.0', 'a', 'A', 'null', 'true', '*', '1:', 'options/'],
  // Normal forms, compatibility forms and lookalikes.
  ...['\u00e9', 'e\u0301', '\u212b', '\u00c5', '\ufb01', 'fi', '\u0430', '\u200b', '\u{1f600}', '\ufffd'],
];

/** Berlin, in which summer time begins on 29 March 2026: worked out by hand. */
const PERIODS: readonly (readonly [start: string, end: string, spellings: readonly string[]])[] = [
  ['2026-03-24T23:00:00Z', '2026-03-31T22:00:00Z', ['7d', '1w', '2026-03-25/2026-04-01']],
  ['2026-03-24T22:00:00Z', '2026-03-31T22:00:00Z', ['168h']],
  ['2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z', ['1mo', '31d', '2026-03-01/2026-04-01']],
  ['2026-03-30T22:00:00Z', '2026-03-31T22:00:00Z', ['1d', '24h', '2026-03-31/2026-04-01']],
  ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', ['2026-03-29/2026-03-30']],
  ['2025-12-31T23:00:00Z', '2026-01-31T23:00:00Z', ['2026-01-01/2026-02-01']],
  ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', []],
];
const DATES = ['2026-03-01', '2026-03-10', '2024-02-29', '0001-01-01', '9999-12-31'];
const MOMENTS = [
  '2026-03-31T10:00:00Z',
  '2026-03-31T10:00:00.001Z',
  '2026-03-31T12:00:00Z',
  '1969-12-31T23:59:59.9Z',
];
const EXPLICIT_COUNT = 30;
const OFFSETS_MINUTES = [0, 60, 120, -300, 330, 765];

/** What keys are often joined with. */
export const SEPARATORS = ['|', ':', '/', ','] as const;
const SEPARATED = [...SEPARATORS, 'a', '7'];

export function someText(random: SeededRandom): string {
  const atoms = random.chance(0.3) ? SEPARATED : ATOMS;
  return Array.from({ length: random.between(1, 3) }, () => random.pick(atoms)).join('');
}

export function someMeaning(kind: MeaningKind, random: SeededRandom): Meaning {
  switch (kind) {
    case 'string':
      return someText(random);
    case 'integer':
      return random.pick([0, 7, 70, -7, 1e15]);
    case 'number':
      return random.pick([0, 7, 0.7, 70, -7, 7.25, 1e21]);
    case 'boolean':
      return random.chance(0.5);
    case 'date':
      return random.pick(DATES);
    case 'timestamp':
      return Date.parse(random.pick(MOMENTS));
    case 'period': {
      const [start, end] = random.pick(PERIODS);
      return [Date.parse(start), Date.parse(end)];
    }
  }
}

/** One of the ways in which that may be written, before it is encoded. */
export function spelled(kind: MeaningKind, meaning: Exclude<Meaning, null>, random: SeededRandom): string {
  if (kind === 'integer' && meaning === 0) return random.pick(['0', '-0']);
  if (kind === 'number') return spelledNumber(String(meaning), random);
  if (kind === 'timestamp') return spelledInstant(Number(meaning), random);
  if (Array.isArray(meaning)) return random.pick(SPELLINGS.get(meaning.join('/')) ?? []);
  return String(meaning);
}

function spelledNumber(plain: string, random: SeededRandom): string {
  if (plain === '0') return random.pick(['0', '-0', '0.0', '0e5', '-0.00E-1']);
  if (plain === '1e+21') return random.pick(['1e21', '1E+21', '1.0e21', '10e20', '1000000000000000000000']);
  const point = plain.includes('.') ? '' : '.0';
  return random.pick([plain, `${plain}${point}0`, `${plain}e0`, `${plain}E-0`, `${plain}${point}e+00`]);
}

function spelledInstant(ms: number, random: SeededRandom): string {
  const minutes = random.pick(OFFSETS_MINUTES);
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1);
  const clock =
    local.endsWith('.000') && random.chance(0.5)
      ? local.slice(0, -4)
      : `${local}${'0'.repeat(random.between(0, 4))}`;
  const size = Math.abs(minutes);
  const two = (count: number) => String(Math.floor(count)).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
  const zone = minutes === 0 ? random.pick(['Z', 'z', '+00:00', '-00:00']) : offset;
  return `${random.chance(0.3) ? clock.replace('T', 't') : clock}${zone}`;
}

/** Not endlessly many: that of a new period is a costly calculation, which is not what is held to account here. */
const SPELLINGS = new Map(
  PERIODS.map(([start, end, others]) => {
    const random = new SeededRandom(PERIODS.length);
    const [startMs, endMs] = [Date.parse(start), Date.parse(end)];
    const explicit = () => `${spelledInstant(startMs, random)}/${spelledInstant(endMs, random)}`;
    return [`${startMs}/${endMs}`, [...Array.from({ length: EXPLICIT_COUNT }, explicit), ...others]];
  }),
);

/** Percent-encoded so far as it must be, and at random further: a reader must not see the difference. */
export function encoded(text: string, random: SeededRandom): string {
  const all = random.chance(0.2);
  const isLower = random.chance(0.5);
  const chars = [...text].map((char) => {
    if (/[A-Za-z0-9._~-]/.test(char) && !all) return char;
    if (char === ' ' && random.chance(0.5)) return '+';
    if (/[:/,;'"?|[\]\\*]/.test(char) && random.chance(0.5)) return char;
    return [...Buffer.from(char)].map((byte) => `%${hex(byte, isLower)}`).join('');
  });
  return chars.join('');
}

function hex(byte: number, isLower: boolean): string {
  const digits = byte.toString(16).padStart(2, '0');
  return isLower ? digits : digits.toUpperCase();
}
