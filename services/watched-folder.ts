import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from './clock.js';

export interface WatchOptions {
  readonly clock: Clock;
  /** Told once after the folder has been quiet for a moment. */
  readonly onChange: () => void;
  /** Whether a name in the folder is of what is watched. */
  readonly isOurs: (name: string) => boolean;
}

/** How long it must be quiet: an editor writes a file in several steps. */
const QUIET_MS = 200;
/** How often a folder that went away is looked for. */
const RETRY_MS = 2000;

/**
 * Watches a folder: files written, renamed over, added or removed, and the folder itself replaced. Says only that something may have
 * changed, never what; whoever is told reads everything again.
 */
export class WatchedFolder {
  readonly #folder: string;
  readonly #options: WatchOptions;
  #watcher: FSWatcher | null = null;
  #cancelQuiet: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #closed = false;

  constructor(folder: string, options: WatchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#cancelQuiet();
    this.#cancelRetry();
  }

  #open(): void {
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (event, name) => this.#seen(event, name));
      this.#watcher.on('error', () => this.#reopen());
    } catch {
      this.#retry();
    }
  }

  #seen(event: string, name: string | null): void {
    // A folder that is itself moved or removed reports its own name, and then never anything again.
    if (event === 'rename' && (name === null || this.#folder.endsWith(name))) this.#reopen();
    // Kubernetes replaces a mounted folder's files by moving a link named ..data.
    if (name === null || name.startsWith('..') || this.#options.isOurs(name)) this.#changed();
  }

  #reopen(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#changed();
    this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
      this.#open();
      if (this.#watcher) this.#changed();
    });
  }

  #changed(): void {
    if (this.#closed) return;
    this.#cancelQuiet();
    this.#cancelQuiet = this.#options.clock.after(QUIET_MS, this.#options.onChange);
  }
}
