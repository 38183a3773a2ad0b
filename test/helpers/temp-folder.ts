import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lifetime } from './lifetime.js';

/** An empty folder outside the project, removed after the test. */
export function tempFolder(t: Lifetime): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dashcache-test-')));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
