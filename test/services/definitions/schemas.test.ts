import { readFile } from 'node:fs/promises';
import t from 'tap';
import { makeSchemas } from '../../../scripts/make-schemas.js';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);

t.test('the schemas that editors read are those that the loader checks with', async (t) => {
  const schemas = makeSchemas();
  t.same([...schemas.keys()], ['dashcache.json', 'dashboard.json']);
  for (const [name, text] of schemas)
    t.equal(
      await readFile(new URL(name, SCHEMAS), 'utf8'),
      text,
      `${name}: after a change run npm run schemas`,
    );
});

t.test('every key has a text for the hover, and none of our own keywords', async (t) => {
  for (const [name, text] of makeSchemas()) {
    t.notMatch(text, /"x-/, name);
    const bare: string[] = [];
    walk(JSON.parse(text), name, bare);
    t.same(bare, [], `${name}: keys without a description`);
  }
});

/** Collects the paths of properties that say nothing of themselves. */
function walk(schema: unknown, path: string, bare: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && typeof schema.properties === 'object' && schema.properties !== null)
    for (const [key, property] of Object.entries(schema.properties))
      if (!('description' in property) || String(property.description).length < 5)
        bare.push(`${path}/${key}`);
  for (const [key, value] of Object.entries(schema)) walk(value, `${path}/${key}`, bare);
}

t.test('what the loader refuses, the editor refuses too', async (t) => {
  const dashboard = JSON.parse(makeSchemas().get('dashboard.json') ?? '{}');
  const { properties } = dashboard.properties.metrics;
  const dashcache = JSON.parse(makeSchemas().get('dashcache.json') ?? '{}');
  const [source] = Object.values<{ anyOf: [{ properties: Record<string, object> }] }>(
    dashcache.properties.sources.patternProperties,
  );
  t.hasStrict(source?.anyOf[0].properties['row_level_security'], { not: {} });
  t.notOk('not' in properties.path);
  t.notOk('not' in properties.query);
});
