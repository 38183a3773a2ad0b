import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Says at once that something happened to one of the files, where the system can tell. Only a hint: folders that are not
 * there yet or are replaced, and network file systems, say nothing.
 */
export class FolderWatch {
  readonly #files: readonly string[];
  readonly #onHint: () => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(files: readonly string[], onHint: () => void) {
    this.#files = files;
    this.#onHint = onHint;
  }

  /** Watches the folders that can be watched now; call it again for those that could not. */
  renew(): void {
    for (const folder of new Set(this.#files.map((file) => dirname(file)))) {
      if (!this.#watchers.has(folder)) this.#watch(folder);
    }
  }

  close(): void {
    for (const folder of [...this.#watchers.keys()]) this.#forget(folder);
  }

  #watch(folder: string): void {
    const names = new Set(this.#files.map((file) => basename(file)));
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) this.#onHint();
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // No such folder, or no more watches to be had.
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
