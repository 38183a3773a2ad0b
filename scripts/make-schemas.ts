import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboardSchema } from '../services/definitions/schema-dashboard.js';
import { dashcacheSchema } from '../services/definitions/schema-dashcache.js';

/** The JSON Schemas that editors read, by file name; made from the schemas that the loader checks with. */
export function makeSchemas(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({ 'dashcache.json': dashcacheSchema, 'dashboard.json': dashboardSchema }).map(
      ([name, schema]) => {
        const json = {
          $schema: 'http://json-schema.org/draft-07/schema#',
          ...(forEditors(schema) as object),
        };
        return [name, `${JSON.stringify(json, null, 2)}\n`];
      },
    ),
  );
}

/** Our own keywords are for the loader; what it refuses is refused in the editor too. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema);
  const isRefused = 'x-refused' in schema || 'x-unsupported' in schema;
  return Object.fromEntries([
    ...entries.filter(([key]) => !key.startsWith('x-')).map(([key, value]) => [key, forEditors(value)]),
    ...(isRefused
      ? [
          ['not', {}],
          ['doNotSuggest', true],
        ]
      : []),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'schemas');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of makeSchemas()) await writeFile(join(folder, name), text);
}
