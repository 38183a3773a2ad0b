import t from 'tap';
import { FACTORS, propose, type Rung } from '../../../services/simulate/propose.js';
import type { Simulated, SimulatedPanel } from '../../../services/simulate/simulate.js';

const TTL_MS = 60_000;
const MAX_BYTES = 1000;

/** A panel whose hit rate and queries depend on the ttl as told, by factor. */
function rungs(
  of: (factor: number) => Partial<SimulatedPanel>,
  { maxBytes = 100 }: { maxBytes?: number } = {},
): Rung[] {
  return FACTORS.map((factor) => {
    const panel: SimulatedPanel = {
      dashboard: 'shop',
      panel: 'metrics',
      reads: 100,
      hit_rate: 90,
      queries: 10,
      keys: 5,
      ttl_ms: TTL_MS * factor,
      changes: null,
      ...of(factor),
    };
    const simulated: Simulated = {
      reads: 100,
      hit_rate: 50,
      queries: 50,
      queries_per_minute: 5,
      busiest_minute_queries: 9,
      queries_per_minute_without_cache: 10,
      max_bytes: maxBytes,
      minutes: 10,
      unknown_addresses: 0,
      panels: [panel],
    };
    return { factor, simulated };
  });
}

const proposed = (given: Rung[]) => propose(given, { maxBytes: MAX_BYTES });

t.test('given a low hit rate that a longer ttl raises, the shortest that does is proposed', (t) => {
  const hit_rate = (factor: number) => ({ hit_rate: { 1: 40, 2: 70, 4: 85, 8: 95 }[factor] ?? 20 });
  t.match(proposed(rungs(hit_rate)), [{ proposed_ttl_ms: 4 * TTL_MS, proposed_hit_rate: 85 }]);
  t.end();
});

t.test('given a low hit rate that nothing raises, it is said why', (t) => {
  const many = proposed(rungs(() => ({ hit_rate: 3, keys: 97 })));
  t.match(many, [{ proposed_ttl_ms: null, reason: /97 different parameters in 100 reads/ }]);
  const seldom = proposed(rungs(() => ({ hit_rate: 30, keys: 2 })));
  t.match(seldom, [{ proposed_ttl_ms: null, reason: /warm it/ }]);
  t.end();
});

t.test('given a good hit rate, a shorter ttl is proposed where memory is full and it costs nothing', (t) => {
  const even = (factor: number) => ({ hit_rate: factor < 0.5 ? 60 : 90 });
  t.same(proposed(rungs(even)), []);
  t.match(proposed(rungs(even, { maxBytes: 950 })), [
    { proposed_ttl_ms: TTL_MS / 2, reason: /memory is full/ },
  ]);
  const dear = (factor: number) => ({ hit_rate: 80 + 4 * factor });
  t.same(proposed(rungs(dear, { maxBytes: 950 })), [], 'not where it costs hits');
  t.end();
});

t.test('given changes that are told and rare, the longest ttl is proposed', (t) => {
  const renewed = (changes: number | null) => (factor: number) => ({ queries: 100 / factor, changes });
  t.match(proposed(rungs(renewed(2))), [{ proposed_ttl_ms: 8 * TTL_MS, reason: /changed 2 times/ }]);
  t.same(proposed(rungs(renewed(30))), [], 'not where they are as frequent as its queries');
  t.same(proposed(rungs(renewed(null))), [], 'nor where nobody tells');
  t.same(proposed(rungs(() => ({ queries: 100, changes: 0 }))), [], 'nor where it saves nothing');
  t.end();
});

t.test('given few reads, nothing is said', (t) => {
  t.same(proposed(rungs(() => ({ hit_rate: 0, reads: 19 }))), []);
  t.same(propose([], { maxBytes: MAX_BYTES }), []);
  t.end();
});
