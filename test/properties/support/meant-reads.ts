import type { SeededRandom } from '../../helpers/seeded-random.js';
import {
  encoded,
  type Meaning,
  type MeaningKind,
  SEPARATORS,
  someMeaning,
  someText,
  spelled,
} from './meanings.js';

interface Declared {
  readonly kind: MeaningKind;
  /** Meant where it is left out; undefined: it must be given. */
  readonly leftOut?: Meaning;
}

interface DeclaredDashboard {
  readonly tenant: 'string' | 'integer' | null;
  readonly params: Readonly<Record<string, Declared>>;
  /** What each panel binds besides the tenant. */
  readonly panels: Readonly<Record<string, readonly string[]>>;
}

const PARAMS: DeclaredDashboard['params'] = {
  name: { kind: 'string', leftOut: null },
  other: { kind: 'string', leftOut: '7' },
  id: { kind: 'integer', leftOut: null },
  share: { kind: 'number', leftOut: 7 },
  open: { kind: 'boolean', leftOut: false },
  day: { kind: 'date', leftOut: '2026-03-01' },
  since: { kind: 'timestamp', leftOut: null },
  period: {
    kind: 'period',
    leftOut: [Date.parse('2026-03-24T23:00:00Z'), Date.parse('2026-03-31T22:00:00Z')],
  },
};
const PANELS: DeclaredDashboard['panels'] = {
  metrics: ['name', 'other', 'id', 'share', 'open', 'day', 'since', 'period'],
  summary: ['name', 'other'],
  'charts/ids': ['name', 'id'],
  'charts/moments': ['since', 'period', 'day'],
};

/** The dashboards that the reads are of, said here by hand and as YAML below: the same but for whose data they show. */
export const DECLARED: Readonly<Record<string, DeclaredDashboard>> = {
  texts: { tenant: 'string', params: PARAMS, panels: PANELS },
  numbers: { tenant: 'integer', params: PARAMS, panels: PANELS },
  shared: { tenant: null, params: PARAMS, panels: PANELS },
};

const PARAMS_YAML = `
  name: { type: string, optional: true }
  other: { type: string, default: "7" }
  id: { type: integer, optional: true }
  share: { type: number, default: 7.0 }
  open: { type: boolean, default: false }
  day: { type: date, default: "2026-03-01" }
  since: { type: timestamp, optional: true }
  period: { type: period, default: 7d, align: 1d, timezone: Europe/Berlin }
`;

/** The files of those dashboards. */
export function declaredFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(DECLARED).map(([id, { tenant }]) => [`${id}.yaml`, yamlOf(id, tenant)]),
  );
}

function yamlOf(id: string, tenant: DeclaredDashboard['tenant']): string {
  const whose = tenant ? `\n  whose: { type: ${tenant}, tenant: true }` : '';
  const query = (panel: string) => {
    const names = (PANELS[panel] ?? []).flatMap((name) =>
      name === 'period' ? ['period_start', 'period_end'] : [name],
    );
    return `SELECT ${[...(tenant ? ['whose'] : []), ...names].map((name, index) => `:${name} AS c${index}`).join(', ')}`;
  };
  const chart = (name: string) =>
    `  ${name}: { title: ${name}, type: table, labels: c0, query: "${query(`charts/${name}`)}" }\n`;
  return `id: ${id}\nsource: main\nparams:${whose}${PARAMS_YAML}metrics: { query: "${query('metrics')}" }\nsummary: { query: "${query('summary')}" }\ncharts:\n${chart('ids')}${chart('moments')}`;
}

/** What somebody wants to see. */
export interface MeantRead {
  readonly dashboardId: string;
  readonly panelId: string;
  readonly tenant: string | number | null;
  readonly values: Readonly<Record<string, Meaning>>;
}

/** The same text exactly for the same meaning; it knows nothing of how a request is written, read or keyed. */
export function meaningOf({ dashboardId, panelId, tenant, values }: MeantRead): string {
  const bound = (DECLARED[dashboardId]?.panels[panelId] ?? []).map((name) => [name, values[name] ?? null]);
  return JSON.stringify([dashboardId, panelId, tenant, bound]);
}

function someRead(random: SeededRandom): MeantRead {
  const dashboardId = random.pick(Object.keys(DECLARED));
  const values = Object.entries(PARAMS).map(([name, { kind, leftOut = null }]) => [
    name,
    random.chance(0.4) ? leftOut : someMeaning(kind, random),
  ]);
  const tenant = tenantOf(dashboardId, random);
  return {
    dashboardId,
    panelId: random.pick(Object.keys(PANELS)),
    tenant,
    values: Object.fromEntries(values),
  };
}

function tenantOf(dashboardId: string, random: SeededRandom): MeantRead['tenant'] {
  const kind = DECLARED[dashboardId]?.tenant ?? null;
  if (kind === null) return null;
  return kind === 'string' ? someText(random) : random.pick([0, 7, 77, -7]);
}

type Change = (read: MeantRead, random: SeededRandom) => MeantRead;

/** Ways from one read to another that is easily taken for it, or is it. */
const CHANGES: readonly Change[] = [
  (read) => read,
  (read) => read,
  (read, random) => withValue(read, random.pick(Object.keys(PARAMS)), random),
  (read, random) => ({ ...read, tenant: tenantOf(read.dashboardId, random) }),
  (read, random) => ({ ...read, panelId: random.pick(Object.keys(PANELS)) }),
  (read, random) => {
    const dashboardId = random.pick(Object.keys(DECLARED));
    return { ...read, dashboardId, tenant: tenantOf(dashboardId, random) };
  },
  // A dashboard for texts and one for numbers, of the tenants '7' and 7.
  (read) => ({
    ...read,
    ...(read.dashboardId === 'texts'
      ? { dashboardId: 'numbers', tenant: 7 }
      : { dashboardId: 'texts', tenant: '7' }),
  }),
  // 7 as the number of one parameter, and as the text of another.
  ({ values, ...read }) => ({
    ...read,
    values: { ...values, id: null, name: values['id'] === null ? null : String(values['id']) },
  }),
  ({ values, ...read }) => ({
    ...read,
    values: { ...values, name: values['other'] ?? null, other: values['name'] ?? 'null' },
  }),
  ({ values, ...read }) => ({
    ...read,
    values: { ...values, name: values['name'] === null ? 'null' : null },
  }),
  ({ values, ...read }, random) => ({
    ...read,
    values: { ...values, name: String(values['name']).normalize(random.pick(['NFC', 'NFD', 'NFKC'])) },
  }),
];

type Pair = readonly [one: MeantRead, other: MeantRead];

/** Two texts of which the end of one is the beginning of the other, with what somebody may have put between them. */
function movedBoundary(read: MeantRead, random: SeededRandom): Pair {
  const separator = random.pick(SEPARATORS);
  const [a, b, c] = [someText(random), someText(random), someText(random)];
  const withTexts = (name: string, other: string) => ({ ...read, values: { ...read.values, name, other } });
  return [withTexts(a, `${b}${separator}${c}`), withTexts(`${a}${separator}${b}`, c)];
}

/** The same over the boundary of the tenant. */
function movedTenant(read: MeantRead, random: SeededRandom): Pair {
  const separator = random.pick(SEPARATORS);
  const [a, b, c] = [someText(random), someText(random), someText(random)];
  const of = (tenant: string, name: string) => ({
    ...read,
    dashboardId: 'texts',
    tenant,
    values: { ...read.values, name },
  });
  return [of(a, `${b}${separator}${c}`), of(`${a}${separator}${b}`, c)];
}

/** Two reads: one that is easily taken for the other, the same, or anything. */
export function somePair(random: SeededRandom): Pair {
  const one = someRead(random);
  if (random.chance(0.1)) return [one, someRead(random)];
  if (random.chance(0.1)) return movedBoundary(one, random);
  if (random.chance(0.1)) return movedTenant(one, random);
  return [one, random.pick(CHANGES)(one, random)];
}

function withValue(read: MeantRead, name: string, random: SeededRandom): MeantRead {
  const kind = PARAMS[name]?.kind ?? 'string';
  return { ...read, values: { ...read.values, [name]: someMeaning(kind, random) } };
}

/** One of the query strings that ask for it: what is left out, the order, the spelling and the encoding are chance. */
export function queryOf({ dashboardId, tenant, values }: MeantRead, random: SeededRandom): string {
  const given = Object.entries(values).flatMap(([name, meaning]) => {
    const { kind, leftOut } = PARAMS[name] ?? { kind: 'string' };
    const isLeftOut = JSON.stringify(meaning) === JSON.stringify(leftOut);
    if (meaning === null || (isLeftOut && random.chance(0.5))) return [];
    return [[name, spelled(kind, meaning, random)]];
  });
  const kind = DECLARED[dashboardId]?.tenant;
  if (kind && tenant !== null) given.push(['whose', spelled(kind, tenant, random)]);
  const pairs = shuffled(given, random).map(
    ([name = '', text = '']) => `${encoded(name, random)}=${encoded(text, random)}`,
  );
  return `${random.chance(0.1) ? '&' : ''}${pairs.join(random.chance(0.1) ? '&&' : '&')}`;
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random.between(0, left.length - 1), 1));
}
