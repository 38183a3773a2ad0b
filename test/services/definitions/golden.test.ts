import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { checkQueries } from '../../../services/definitions/check-queries.js';
import { DefinitionFaults, renderFaults } from '../../../services/definitions/definition-faults.js';
import { loadDefinitions } from '../../../services/definitions/load-definitions.js';
import { scriptedSource } from './scripted-source.js';
import { TTLS } from './some-definitions.js';

/**
 * Each `name.case` holds the files of one broken folder, each after a line `=== file`; `name.expected` what is told of it.
 * `=== source` scripts what a database would say. After a wanted change of a message: GOLDEN=write npx tap <this file>,
 * then read the difference.
 */
const CASES = fileURLToPath(new URL('../../golden/definitions/', import.meta.url));
const WRITES = process.env['GOLDEN'] === 'write';

const USUAL_DASHCACHE = 'sources:\n  main: { type: duckdb, path: main.duckdb }\n';

t.test('a broken folder of definitions is told of as a good compiler would', async (t) => {
  const names = (await readdir(CASES)).filter((name) => name.endsWith('.case')).sort();
  t.ok(names.length >= 60, `there are at least 60 cases (${names.length})`);
  for (const name of names) {
    const files = sectionsOf(await readFile(join(CASES, name), 'utf8'));
    const folder = t.testdir();
    const told = await tell(join(folder, name.replace('.case', '')), files);
    const expectedPath = join(CASES, name.replace('.case', '.expected'));
    if (WRITES) await writeFile(expectedPath, told);
    t.equal(told, await readFile(expectedPath, 'utf8'), name.replace('.case', ''));
  }
});

/** What is told of a folder, with its files named as if one stood inside it. */
async function tell(folder: string, files: ReadonlyMap<string, string>): Promise<string> {
  await mkdir(folder);
  if (![...files.keys()].some((name) => name.startsWith('dashcache')))
    await writeFile(join(folder, 'dashcache.yaml'), USUAL_DASHCACHE);
  for (const [name, text] of files) if (name !== 'source') await writeFile(join(folder, name), text);
  return `${(await faultsOf(folder, files.get('source'))).replaceAll(`${folder}/`, '').replaceAll(folder, '.')}\n`;
}

async function faultsOf(folder: string, script: string | undefined): Promise<string> {
  try {
    const definitions = await loadDefinitions(folder, { environment: { DATA_DIR: '/data' }, ttls: TTLS });
    const sources = new Map([['main', scriptedSource(script ?? '[]')]]);
    const { faults } = await checkQueries(definitions, sources, { unknownDependencies: 'fault' });
    return renderFaults(faults);
  } catch (error) {
    if (!(error instanceof DefinitionFaults)) throw error;
    return error.message;
  }
}

function sectionsOf(text: string): Map<string, string> {
  const [, ...parts] = text.split(/^=== (.+)\n/m);
  const sections = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2)
    sections.set(parts[index] ?? '', parts[index + 1] ?? '');
  return sections;
}
