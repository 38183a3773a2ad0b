import t from 'tap';
import type { Dashboard, WarmingDefinition } from '../../../services/definitions/model.js';
import { WarmingSchedules } from '../../../services/warming/warming-schedules.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const { dashboards } = await definitionsOf({
  'a.yaml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\nwarming: { schedule: 30 * * * * }\n',
});
const [plain] = dashboards.values();
if (!plain?.warming) throw new Error('The dashboard was not loaded');
const { warming } = plain;

const scheduled = (id: string, changed: Partial<WarmingDefinition>): Dashboard => ({
  ...plain,
  id,
  warming: { ...warming, ...changed },
});

/** It begins at 12:00. */
function schedules() {
  const clock = new ManualClock();
  const due: string[] = [];
  const made = new WarmingSchedules({
    clock,
    due: (id, atMs) => due.push(`${id} ${new Date(atMs).toISOString().slice(11, 16)}`),
  });
  return { clock, due, made };
}

t.test('each moment of a schedule comes once, and the next one is known', async (t) => {
  const { clock, due, made } = schedules();
  made.declare([
    scheduled('a', {}),
    scheduled('b', { schedule: '0 13 * * *' }),
    scheduled('c', { schedule: null }),
  ]);
  t.equal(made.nextAtMs('a'), clock.nowMs() + 30 * MINUTE_MS);
  t.equal(made.nextAtMs('c'), null);
  clock.advance(30 * MINUTE_MS - 1);
  t.same(due, []);
  clock.advance(1);
  t.same(due, ['a 12:30']);
  clock.advance(HOUR_MS);
  t.same(due, ['a 12:30', 'b 13:00', 'a 13:30']);
});

t.test(
  'given other definitions, what stays the same keeps its moment, and what is gone never comes',
  async (t) => {
    const { clock, due, made } = schedules();
    made.declare([scheduled('a', {}), scheduled('b', {})]);
    clock.advance(29 * MINUTE_MS);
    made.declare([
      scheduled('a', {}),
      scheduled('new', { schedule: '45 * * * *', timezone: 'Asia/Kolkata' }),
    ]);
    clock.advance(HOUR_MS);
    t.same(due, ['a 12:30', 'new 13:15'], 'half an hour beside UTC');
    made.declare([]);
    clock.advance(HOUR_MS);
    t.equal(due.length, 2);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test('given a wall clock that jumps ahead, a moment comes late and once', async (t) => {
  class JumpingClock extends ManualClock {
    jumpedMs = 0;
    override nowMs(): number {
      return super.nowMs() + this.jumpedMs;
    }
  }
  const clock = new JumpingClock();
  const due: number[] = [];
  const made = new WarmingSchedules({ clock, due: (_, atMs) => due.push(atMs) });
  const startMs = clock.nowMs();
  made.declare([scheduled('a', {})]);
  clock.jumpedMs = 5 * HOUR_MS;
  clock.advance(MINUTE_MS);
  t.same(due, [startMs + 30 * MINUTE_MS]);
  t.equal(made.nextAtMs('a'), startMs + 5 * HOUR_MS + 30 * MINUTE_MS);
});

t.test('once it is closed nothing comes any more', async (t) => {
  const { clock, due, made } = schedules();
  made.declare([scheduled('a', {})]);
  made.close();
  clock.advance(HOUR_MS);
  t.same(due, []);
});
