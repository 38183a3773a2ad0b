import type { Clock } from '../clock.js';
import { WatchedFolder } from '../watched-folder.js';

/** Tells of changes in a folder of definitions; see WatchedFolder. */
export function watchDefinitions(
  folder: string,
  options: { readonly clock: Clock; readonly onChange: () => void },
): WatchedFolder {
  return new WatchedFolder(folder, { ...options, isOurs: (name) => /\.ya?ml$/.test(name) });
}
