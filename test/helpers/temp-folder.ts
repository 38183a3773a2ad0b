import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** An empty folder outside the project, removed after the test. */
export function tempFolder(t: Test): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dashcache-test-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
