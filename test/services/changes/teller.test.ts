import t from 'tap';
import type { TableChange } from '../../../services/changes/change-feed.js';
import { Teller } from '../../../services/changes/logical/teller.js';
import { turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const WINDOW_MS = 50;

/** A teller, and what its listener was told: tables, by telling. */
function tellerOf(clock: ManualClock): { teller: Teller; tellings: string[][] } {
  const tellings: string[][] = [];
  const changed = async (changes: readonly TableChange[]) => {
    tellings.push(changes.map(({ table }) => table));
  };
  const { signal } = new AbortController();
  const teller = new Teller({
    listener: { changed },
    clock,
    signal,
    visible: async () => {},
    told: () => {},
  });
  return { teller, tellings };
}

t.test(
  'given a change at any step of the end of a telling, it is told without waiting for another',
  async (t) => {
    for (let steps = 0; steps < 20; steps++) {
      const clock = new ManualClock();
      const { teller, tellings } = tellerOf(clock);
      teller.touch([{ table: 'first', tenants: null }]);
      await turns();
      clock.advance(WINDOW_MS);
      for (let step = 0; step < steps; step++) await Promise.resolve();
      teller.touch([{ table: 'second', tenants: null }]);
      await turns();
      t.same(tellings, [['first'], ['second']], `after ${steps} steps`);
    }
  },
);

t.test('given changes while one is told, they are told together after the window', async (t) => {
  const clock = new ManualClock();
  const { teller, tellings } = tellerOf(clock);
  teller.touch([{ table: 'a', tenants: null }]);
  await turns();
  teller.touch([{ table: 'b', tenants: ['1'] }]);
  teller.touch([{ table: 'b', tenants: ['2'] }]);
  await turns();
  t.same(tellings, [['a']]);
  clock.advance(WINDOW_MS);
  await turns();
  t.same(tellings, [['a'], ['b']]);
});
