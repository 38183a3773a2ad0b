import t from 'tap';
import { memoryLimitBytes } from '../../../../services/sources/duckdb/memory-limit.js';

const GIB = 1024 ** 3;

t.test(
  'a database takes a gibibyte at most, half of a small machine, and a third of a container',
  async (t) => {
    for (const [totalBytes, constrainedBytes, expected] of [
      [64 * GIB, 0, GIB],
      [GIB, 0, GIB / 2],
      [64 * GIB, GIB, GIB / 3],
      [64 * GIB, 8 * GIB, GIB],
      [GIB, 2 ** 63, GIB / 2],
    ] as const)
      t.equal(memoryLimitBytes({ totalBytes, constrainedBytes }), expected);
    t.ok(memoryLimitBytes() > 0);
  },
);
