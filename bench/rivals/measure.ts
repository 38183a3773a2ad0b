import type { BenchRoom } from './bench-room.js';
import type { Counts } from './figure.js';
import type { Measurement } from './measurements.js';
import type { LibraryFile } from './rival.js';
import type { Result } from './rivals-table.js';

/** Measures one library. Never rejects: what one library cannot stand must not keep the others from the table. */
export async function measure(
  bench: { room: BenchRoom; file: LibraryFile },
  { name, measurement, counts }: { name: string; measurement: Measurement; counts: Counts },
): Promise<Result> {
  const common = { measurement: name, library: bench.file.library.name };
  try {
    return { ...common, figures: await measurement(bench, counts), error: null };
  } catch (error) {
    return { ...common, figures: [], error: error instanceof Error ? error.message : String(error) };
  }
}
