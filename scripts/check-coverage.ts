/** Prints the coverage of the last test run by folder; exits 1 when services/ or plugins/ are below their bounds. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { belowBound, coverageOf, type FileCoverage, GATED_FOLDERS, neverLoaded } from './coverage-gate.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const coveredSchema = Type.Object({ total: Type.Number(), covered: Type.Number() });
const reportSchema = Type.Record(
  Type.String(),
  Type.Object({ lines: coveredSchema, branches: coveredSchema }),
);

function loadedFiles(): FileCoverage[] {
  const report: unknown = JSON.parse(readFileSync(`${ROOT}.tap/report/coverage-summary.json`, 'utf8'));
  Value.Assert(reportSchema, report);
  return Object.entries(report)
    .filter(([path]) => path !== 'total')
    .map(([path, { lines, branches }]) => ({ path: relative(ROOT, path), lines, branches }));
}

function gatedPaths(): string[] {
  const args = [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    ...GATED_FOLDERS.map((f) => `${f}/*.ts`),
  ];
  const paths = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return paths.filter((path) => path !== '' && existsSync(ROOT + path));
}

const loaded = loadedFiles();
const known = new Set(loaded.map((file) => file.path));
const missed = gatedPaths()
  .filter((path) => !known.has(path))
  .flatMap((path) => neverLoaded(path, readFileSync(ROOT + path, 'utf8')) ?? []);
const files = [...loaded, ...missed];

const folders = [
  ...new Set(files.map((file) => dirname(file.path)).filter((folder) => folder !== '.')),
].sort();
for (const folder of new Set([...GATED_FOLDERS, ...folders])) {
  const { linesPercent, branchesPercent } = coverageOf(folder, files);
  console.log(
    `${folder.padEnd(28)}${String(linesPercent).padStart(7)} % lines${String(branchesPercent).padStart(8)} % branches`,
  );
}
for (const { path } of missed) console.log(`${path} is loaded by no test`);

const below = GATED_FOLDERS.filter((folder) => belowBound(coverageOf(folder, files)));
for (const folder of below) console.log(`${folder} is below 95 % of lines or 90 % of branches`);
process.exitCode = below.length > 0 ? 1 : 0;
