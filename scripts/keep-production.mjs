// Run by the Dockerfile: takes out of node_modules what the lock file says is for development or optional. `npm prune
// --omit=optional` would take DuckDB itself: its binary is declared optional because each system needs another one.
import { readFileSync, rmSync } from 'node:fs';

const NEEDED = /^node_modules\/@duckdb\/node-bindings-/;

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
  if ((dev || optional || devOptional) && !NEEDED.test(path)) rmSync(path, { recursive: true, force: true });
}
// Both would name what is gone.
for (const path of ['node_modules/.package-lock.json', 'node_modules/.bin'])
  rmSync(path, { recursive: true, force: true });
