import type { SeededRandom } from '../helpers/seeded-random.js';
import type { Schema } from './described-requests.js';

const TEXTS = [
  'operations',
  'work',
  'away',
  'tasks',
  'metrics',
  'summary',
  'charts/tasks',
  '7',
  '30d',
  '2026-01-01/2026-02-01',
  '2026-01-01T00:00:00Z',
  '/dashboards/work/metrics?site_id=7&period=30d',
  'http://attacker.example/dashboards/work',
];

const HOSTILE = [
  '',
  '\0',
  '__proto__',
  'constructor',
  '1e400',
  '-0',
  '9007199254740993',
  '9'.repeat(400),
  "7' OR '1'='1",
  '7; DROP TABLE sites; --',
  '7 UNION SELECT note FROM sites',
  '$(id)',
  '$\u007bADMIN_TOKEN}',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '\u202e\ufeff',
  '\ud800',
  '\r\nSet-Cookie: a=b',
  '\x1b[2J',
  '%s%n%x',
  '<script>alert(1)</script>',
  '٧',
  'NaN',
  'null',
  '0000-00-00',
  '9999999999d',
  '2026-01-01/2026-01-01',
  'http://127.0.0.1:1/',
  'file:///etc/passwd',
  'x'.repeat(3000),
];

/** A value that a schema describes, or one that nearly fits it, or one that has nothing to do with it. */
export function describedValue(schema: Schema, random: SeededRandom, depthCount = 0): unknown {
  if (random.chance(0.12)) return hostile(random);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum && schema.enum.length > 0) return random.pick(schema.enum);
  if (schema.anyOf && schema.anyOf.length > 0)
    return describedValue(random.pick(schema.anyOf), random, depthCount);
  switch (schema.type) {
    case 'integer':
      return random.chance(0.6) ? random.between(schema.minimum ?? 0, 40) : random.between(-5, 5000);
    case 'number':
      return random.next() * 1000 - 100;
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: random.between(0, 4) }, () =>
        describedValue(schema.items ?? {}, random, depthCount + 1),
      );
    case 'object':
      return memberOf(schema, random, depthCount);
    default:
      return random.pick(TEXTS);
  }
}

function memberOf({ properties = {} }: Schema, random: SeededRandom, depthCount: number): object {
  const object: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties))
    if (random.chance(0.4)) object[name] = describedValue(schema, random, depthCount + 1);
  if (random.chance(0.1))
    object[random.pick(['more', 'Dashboard', 'constructor', 'toString'])] = hostile(random);
  return object;
}

function hostile(random: SeededRandom): unknown {
  return random.pick([random.pick(HOSTILE), random.pick(HOSTILE), -1, 1e308, null, true, [], {}, [[[[]]]]]);
}

/** Text that once was JSON, or is JSON as nobody writes it. */
export function brokenJson(json: string, random: SeededRandom): string {
  return random.pick([
    () => json.slice(0, random.between(0, json.length)),
    () => `${json}${json}`,
    () => `\ufeff${json}`,
    () => json.replace('{', '{"__proto__":{"all":true},'),
    () => json.replace('{', '{"constructor":{"prototype":{"all":true}},'),
    () => json.replace('{', '{"all":true,"all":false,'),
    () => '['.repeat(random.between(10, 30_000)),
    () => `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    () => '1e400',
    () => '{"all":1e400}',
    () => '{"dashboard":"\\ud800"}',
    () => `{"tags":["${'x'.repeat(70_000)}"]}`,
    () => `{"all":${'9'.repeat(5000)}}`,
    () => 'null',
  ])();
}
