import type { BenchRoom } from './bench-room.js';
import type { Counts, Figure } from './figure.js';
import { hits } from './hits.js';
import { lostMessage } from './lost-message.js';
import { oneLoad } from './one-load.js';
import type { LibraryFile } from './rival.js';
import { staleFill } from './stale-fill.js';
import { tagClock } from './tag-clock.js';

export type Measurement = (
  bench: { room: BenchRoom; file: LibraryFile },
  counts: Counts,
) => Promise<Figure[]>;

/** By the names of the commands, in the order of the table. */
export const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  'one-load': oneLoad,
  'stale-fill': staleFill,
  'lost-message': lostMessage,
  hits,
  'tag-clock': tagClock,
};
