import { setFlagsFromString } from 'node:v8';

/** Of what lives in the old generation of the heap after it was collected. */
const GROWTH_PERCENT = 100;

/**
 * Lets the old generation of the heap grow to twice its size before all of it is collected. By itself V8 leaves it as little as a tenth where
 * hardly anything grows old, and counts the buffers of answers under way as well: after a rest each tenth of a second had a full collection
 * (docs/decisions/023-young-garbage.md). To be called before a process does anything else.
 */
export function setHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
