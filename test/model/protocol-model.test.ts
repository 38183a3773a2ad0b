import t from 'tap';
import { explore } from './explore.js';
import { GUARDS, type Guard } from './protocol-guards.js';
import { exploreProtocol } from './protocol-model.js';
import type { Accidents } from './protocol-state.js';

/** More than any of these needs: a removed guard that is not missed within it is a failure. */
const GUARD_STATES_MAX_COUNT = 60_000;

interface Setting {
  readonly processesCount: 1 | 2;
  readonly accidents: Partial<Accidents>;
}

/** With two processes the whole is some ten thousand states: tried once, and not again for each guard. */
const EXHAUSTED: Setting = { processesCount: 2, accidents: { purge: 1 } };

t.test('with two processes and a purge, every order of events is tried and nothing goes wrong', (t) => {
  const { trace, isExhausted, statesCount } = exploreProtocol({
    ...EXHAUSTED,
    statesMaxCount: 200_000,
  });
  t.comment(`${statesCount} states`);
  t.equal(trace, null);
  t.ok(isExhausted);
  t.end();
});

const ACCIDENTS: readonly Partial<Accidents>[] = [
  { purge: 2 },
  { purge: 1, runOut: 1 },
  { purge: 1, evict: 1 },
  { purge: 1, crash: 1 },
  { purge: 1, jump: 1 },
  { purge: 1, fail: 1 },
  { silentWrite: 1, runOut: 2 },
];

t.test('with one process and any of these accidents, every order is tried and nothing goes wrong', (t) => {
  for (const accidents of ACCIDENTS) {
    const { trace, isExhausted, statesCount } = exploreProtocol({
      processesCount: 1,
      accidents,
      statesMaxCount: 100_000,
    });
    t.equal(trace, null, `${JSON.stringify(accidents)}: ${statesCount} states`);
    t.ok(isExhausted);
  }
  t.end();
});

t.test('with lost data, and with two processes and accidents, nothing goes wrong in what is tried', (t) => {
  const lost = { processesCount: 1, accidents: { purge: 1, lose: 1 } } as const;
  for (const tried of [lost, ...ACCIDENTS.map((accidents) => ({ processesCount: 2, accidents }) as const)]) {
    const { trace, statesCount } = exploreProtocol({ ...tried, statesMaxCount: 5000 });
    t.equal(trace, null, `${JSON.stringify(tried)}: ${statesCount} states`);
  }
  t.end();
});

/** How far a search without one of the guards went, by where it was made. */
const searched = new Map<string, { setting: Setting; statesCount: number }>();

for (const [guard, { says, processesCount, accidents }] of Object.entries(GUARDS)) {
  t.test(`without the guard "${says}" the model finds what goes wrong`, (t) => {
    const without = guard as Guard;
    const found = exploreProtocol({
      without,
      processesCount,
      accidents,
      statesMaxCount: GUARD_STATES_MAX_COUNT,
    });
    t.match(found.trace?.at(-1), /^wrong: /);
    t.comment(found.trace?.join('\n'));
    noteSearch({ processesCount, accidents }, found.statesCount);
    t.end();
  });
}

function noteSearch(setting: Setting, statesCount: number): void {
  const key = JSON.stringify(setting);
  searched.set(key, { setting, statesCount: Math.max(statesCount, searched.get(key)?.statesCount ?? 0) });
}

t.test('with all guards, nothing goes wrong within as many states of the same', (t) => {
  searched.delete(JSON.stringify(EXHAUSTED));
  for (const [name, { setting, statesCount }] of searched) {
    const { trace } = exploreProtocol({ ...setting, statesMaxCount: statesCount });
    t.equal(trace, null, `${name}: ${statesCount} states`);
  }
  t.end();
});

t.test('without the comparison in fill, whoever was overtaken replaces the newer value', (t) => {
  const { trace } = exploreProtocol({
    ...EXHAUSTED,
    without: 'fillComparesToken',
    statesMaxCount: GUARD_STATES_MAX_COUNT,
  });
  t.match(trace?.at(-1), 'a fill of version 0 replaced version 1');
  t.notOk(trace?.includes('the lease runs out'), 'no lease ran out: it was taken over');
  t.comment(trace?.join('\n'));
  t.end();
});

t.test('an exploration finds the shortest way, and says when it has not seen everything', (t) => {
  const counting = (statesMaxCount: number, wrongAt: number) =>
    explore<number>({
      first: 0,
      keyOf: String,
      statesMaxCount,
      *stepsFrom(state) {
        if (state >= 100) return;
        for (const by of [1, 2]) {
          const next = state + by;
          yield { name: `+${by}`, next, wrong: next === wrongAt ? `it is ${next}` : null };
        }
      },
    });
  t.same(counting(1000, 5).trace, ['+1', '+2', '+2', 'wrong: it is 5']);
  t.match(counting(1000, -1), { trace: null, isExhausted: true, statesCount: 102 });
  t.match(counting(50, -1), { trace: null, isExhausted: false });
  t.end();
});
