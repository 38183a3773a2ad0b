// dashcache beside the known cache libraries, all asked the same: `npm --prefix bench/rivals run all`.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBenchRoom } from './bench-room.js';
import { type Counts, FULL_COUNTS, QUICK_COUNTS } from './figure.js';
import { measure } from './measure.js';
import { MEASUREMENTS, type Measurement } from './measurements.js';
import { libraryFile } from './rival.js';
import { type Result, rivalsTable } from './rivals-table.js';

const ADAPTERS = ['dashcache', 'bentocache', 'async-cache-dedupe', 'cacheable'];
const USAGE = `Usage: run.ts all|${Object.keys(MEASUREMENTS).join('|')} [--quick] [--json] [--rounds N] [--trials N] [--library NAME]...\n`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    trials: { type: 'string' },
    library: { type: 'string', multiple: true, default: ADAPTERS },
  },
});

function counts(): Counts {
  const base = options.quick ? QUICK_COUNTS : FULL_COUNTS;
  return {
    ...base,
    roundsCount: wholeNumber('--rounds', options.rounds) ?? base.roundsCount,
    trialsCount: wholeNumber('--trials', options.trials) ?? base.trialsCount,
  };
}

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,6}$/.test(text)) fail(`${name} must be a whole number above 0, not "${text}"`, 2);
  return Number(text);
}

function chosen(): [name: string, measurement: Measurement][] {
  const [name = 'all', ...more] = positionals;
  const all = Object.entries(MEASUREMENTS);
  const some = name === 'all' ? all : all.filter(([known]) => known === name);
  if (some.length === 0 || more.length > 0) fail(USAGE, 2);
  return some;
}

function fail(message: string, exitCode: number): never {
  process.stderr.write(message.endsWith('\n') ? message : `${message}\n`);
  process.exit(exitCode);
}

function versions(): Record<string, string> {
  const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  return { dashcache: read('../../package.json').version, ...read('./package.json').dependencies };
}

function isInstalled(name: string): boolean {
  return existsSync(fileURLToPath(new URL(`node_modules/${name}/package.json`, import.meta.url)));
}

async function main(): Promise<void> {
  const measurements = chosen();
  const asked = counts();
  for (const name of options.library)
    if (!ADAPTERS.includes(name))
      fail(`There is no adapter of "${name}"; there are ${ADAPTERS.join(', ')}`, 2);
  // dashcache itself needs nothing more than the clone.
  const missing = options.library.filter((name) => name !== 'dashcache' && !isInstalled(name));
  if (missing.length > 0)
    fail(`Not installed: ${missing.join(', ')}. Once: npm install --prefix bench/rivals`, 3);

  const files = await Promise.all(
    options.library.map((name) => libraryFile(new URL(`adapters/${name}.ts`, import.meta.url).href)),
  );
  const room = await openBenchRoom();
  const results: Result[] = [];
  try {
    for (const [name, measurement] of measurements)
      for (const file of files) {
        process.stderr.write(`${name} of ${file.library.name} ...\n`);
        results.push(await measure({ room, file }, { name, measurement, counts: asked }));
      }
  } finally {
    await room.close();
  }

  const used = versions();
  if (options.json) {
    const libraries = files.map(({ library: { name, settings } }) => ({
      name,
      version: used[name],
      settings,
    }));
    process.stdout.write(
      `${JSON.stringify({ node: process.version, counts: asked, libraries, results }, null, 2)}\n`,
    );
  } else {
    process.stdout.write(rivalsTable(results));
    for (const { library } of files)
      process.stdout.write(`${library.name} ${used[library.name]}: ${library.settings}\n`);
  }
  if (results.some(({ error }) => error !== null)) process.exitCode = 1;
}

await main();
