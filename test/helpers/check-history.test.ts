import fc from 'fast-check';
import t from 'tap';
import { checkHistory } from './check-history.js';
import type { InvalidationKind, Operation, ReadOperation } from './history.js';

const read = (beganMs: number, version: number, given: Partial<ReadOperation> = {}): ReadOperation => ({
  kind: 'read',
  process: 'p2',
  key: 'k',
  version,
  isStale: false,
  isUnproven: false,
  beganMs,
  endedMs: beganMs + 5,
  ...given,
});
const write = (beganMs: number, version: number): Operation => {
  return { kind: 'write', process: 'source', key: 'k', version, beganMs, endedMs: beganMs + 5 };
};
const invalidate = (beganMs: number, kind: InvalidationKind = 'purge'): Operation => {
  return { kind, process: 'p1', keys: ['k'], beganMs, endedMs: beganMs + 20 };
};
const rulesBroken = (operations: Operation[], rules: Parameters<typeof checkHistory>[1] = {}) =>
  checkHistory(operations, rules).map(({ rule }) => rule);

const PURGED = [write(10, 1), write(100, 2), invalidate(110)];

t.test('a read after an acknowledged purge that gives older data is told with all three', (t) => {
  t.same(rulesBroken([...PURGED, read(131, 2)]), []);
  const [violation] = checkHistory([...PURGED, read(131, 1)]);
  t.match(violation, { rule: 'invalidated', write: { version: 2 }, invalidation: { beganMs: 110 } });
  t.equal(
    violation?.text,
    'a read of k by p2 began (at 131.0 ms) and gave version 1 after version 2 was in the source (at 105.0 ms) ' +
      'and the purge by p1 (asked for at 110.0 ms) was acknowledged (at 130.0 ms)',
  );
  t.end();
});

t.test('what overlaps may be in either order', (t) => {
  t.same(rulesBroken([...PURGED, read(129, 1)]), [], 'it began before the acknowledgement');
  t.same(rulesBroken([write(10, 1), write(108, 2), invalidate(110), read(131, 1)]), [], 'written meanwhile');
  t.same(rulesBroken([...PURGED, read(131, 1, { key: 'other' })]), ['never written'], 'another key');
  t.end();
});

t.test('an unproven read may be older, unless the rules say no', (t) => {
  const operations = [...PURGED, read(131, 1, { isUnproven: true })];
  t.same(rulesBroken(operations), []);
  t.same(rulesBroken(operations, { mayBeOld: () => false }), ['invalidated']);
  t.match(checkHistory(operations, { mayBeOld: () => false })[0]?.text, 'marked as unproven');
  t.end();
});

t.test(
  'a purge without waiting is in force a second after its acknowledgement, and stale is no excuse',
  (t) => {
    const operations = [write(10, 1), write(100, 2), invalidate(110, 'purge without waiting')];
    t.same(rulesBroken([...operations, read(1129, 1)]), []);
    t.same(rulesBroken([...operations, read(1131, 1, { isStale: true })]), ['invalidated']);
    t.same(rulesBroken([...operations, read(1131, 1)], { inForceAfterMs: 2000 }), []);
    t.end();
  },
);

t.test('after an expire old data must be marked as stale', (t) => {
  const operations = [write(10, 1), write(100, 2), invalidate(110, 'expire')];
  t.same(rulesBroken([...operations, read(1129, 1)]), []);
  t.same(rulesBroken([...operations, read(1131, 1)]), ['invalidated']);
  t.same(rulesBroken([...operations, read(1131, 1, { isStale: true })]), []);
  t.end();
});

t.test('a read older than the bound is told, with by how much', (t) => {
  const operations = [write(10, 1), write(100, 2)];
  t.same(rulesBroken([...operations, read(605, 1)], { oldestMs: 500 }), []);
  const [violation] = checkHistory([...operations, read(606, 1)], { oldestMs: 500 });
  t.equal(violation?.rule, 'too old');
  t.match(violation?.text, '501 ms before, and no more than 500 ms are allowed');
  t.end();
});

t.test('a version that nobody had begun to write is told', (t) => {
  t.same(rulesBroken([read(1, 0)]), [], 'what was there before');
  t.same(rulesBroken([write(14, 1), read(10, 1)]), [], 'written while it was read');
  t.same(rulesBroken([write(16, 1), read(10, 1)]), ['never written']);
  t.same(rulesBroken([write(10, 1), read(20, 7)]), ['never written']);
  t.end();
});

interface Event {
  readonly does: 'write' | 'purge' | 'read' | 'load';
  readonly process: number;
  readonly waitMs: number;
  readonly lastsMs: number;
}

const events = fc.array(
  fc.record<Event>({
    does: fc.constantFrom('write', 'purge', 'read', 'read', 'load'),
    process: fc.nat(1),
    waitMs: fc.nat(20),
    lastsMs: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 5, maxLength: 80 },
);

/** Processes whose caches a purge empties at its acknowledgement at the latest: what each read gives is right by construction. */
function simulate(all: readonly Event[]): Operation[] {
  const operations: Operation[] = [];
  const caches: (number | null)[] = [null, null];
  let [nowMs, version] = [0, 0];
  for (const { does, process, waitMs, lastsMs } of all) {
    nowMs += waitMs + 1;
    // What an operation does happens at once; its interval reaches into the next ones, which therefore overlap it.
    const interval = { process: `p${process}`, beganMs: nowMs - waitMs / 2, endedMs: nowMs + lastsMs };
    if (does === 'write') {
      version++;
      operations.push({ kind: 'write', key: 'k', version, ...interval });
    } else if (does === 'purge') {
      caches.fill(null);
      operations.push({ kind: 'purge', keys: ['k'], ...interval });
    } else {
      const found = does === 'load' ? version : (caches[process] ?? version);
      caches[process] = found;
      operations.push({
        kind: 'read',
        key: 'k',
        version: found,
        isStale: false,
        isUnproven: false,
        ...interval,
      });
    }
  }
  return operations;
}

t.test('given any history of a right cache, nothing is told', (t) => {
  fc.assert(
    fc.property(events, (all) => {
      t.same(rulesBroken(simulate(all)), []);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('given any history in which one read is made older than a purge allows, that read is told', (t) => {
  let plantedCount = 0;
  fc.assert(
    fc.property(events, fc.nat(), (all, pick) => {
      const operations = simulate(all);
      // Found here by looking at every pair, not as the checker does it.
      const guarded = operations.flatMap((one) => {
        if (one.kind !== 'read') return [];
        const floor = Math.max(0, ...floorsOf(one, operations));
        return floor > 0 ? [{ one, floor }] : [];
      });
      const victim = guarded[pick % Math.max(1, guarded.length)];
      if (!victim) return;
      plantedCount++;
      const planted = { ...victim.one, version: victim.floor - 1 };
      const told = checkHistory(operations.map((one) => (one === victim.one ? planted : one)));
      t.same(
        told.map(({ rule, read: { beganMs } }) => [rule, beganMs]),
        [['invalidated', victim.one.beganMs]],
      );
    }),
    { numRuns: 300 },
  );
  t.ok(plantedCount > 50, `${plantedCount} planted`);
  t.end();
});

function floorsOf(one: ReadOperation, operations: readonly Operation[]): number[] {
  return operations
    .filter((purge) => purge.kind === 'purge' && purge.endedMs < one.beganMs)
    .flatMap((purge) =>
      operations.flatMap((write) =>
        write.kind === 'write' && write.endedMs < purge.beganMs ? [write.version] : [],
      ),
    );
}
