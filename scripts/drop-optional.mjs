// Run by the Dockerfile: takes out of node_modules what the lock file calls optional. `npm install --omit=optional` would
// also leave out DuckDB itself: its binary is declared optional because each system needs another one.
import { readFileSync, rmSync } from 'node:fs';

const NEEDED = /^node_modules\/@duckdb\/node-bindings-/;

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, { optional }] of Object.entries(packages)) {
  if (optional && !NEEDED.test(path)) rmSync(path, { recursive: true, force: true });
}
