import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../clock.js';

/** Editors and orchestrators write in several steps. */
const SETTLED_MS = 200;

/** Calls `changed` when the file was replaced or written, a moment later and once. Returns the end of it. */
export function watchFile(
  path: string,
  { clock, changed }: { clock: Clock; changed: () => void },
): () => void {
  let cancel = (): void => {};
  let watcher: FSWatcher | null = null;
  try {
    // Its folder: a file that is replaced is another one. Kubernetes replaces what a link of another name leads to.
    watcher = watch(dirname(path), (_event, name) => {
      if (name !== null && name !== basename(path) && !name.startsWith('..')) return;
      cancel();
      cancel = clock.after(SETTLED_MS, changed);
    });
    watcher.on('error', () => watcher?.close());
    watcher.unref();
  } catch {
    // Where nothing can be watched SIGHUP still reloads.
  }
  return () => {
    cancel();
    watcher?.close();
  };
}
