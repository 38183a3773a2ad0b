import t, { type Test } from 'tap';
import { systemClock } from '../../../services/clock.js';
import { readQuestion } from '../../../services/warming/observed-question.js';
import { ObservedReads } from '../../../services/warming/observed-reads.js';
import {
  MemoryQuestionStore,
  QUESTIONS_MAX_COUNT,
  type QuestionStore,
} from '../../../services/warming/question-store.js';
import { RedisQuestionStore } from '../../../services/warming/redis-question-store.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { redisParts } from '../../helpers/redis-parts.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const asked = (rawQuery: string, panelId: string | null = null) => ({
  dashboardId: 'shop',
  panelId,
  tenantText: '7',
  tenantParameter: 'site_id',
  rawQuery,
});

async function redisStore(t: Test, server: RedisServer): Promise<QuestionStore> {
  const { client } = await redisParts(t, { kind: 'single', url: server.url });
  return new RedisQuestionStore({ redis: client, prefix: 'dc:', clock: systemClock });
}

const STORES: Readonly<Record<string, (t: Test) => Promise<QuestionStore>>> = {
  memory: async () => new MemoryQuestionStore(),
  redis: async (t) => {
    const server = await startRedis({ user: documentedUser() });
    t.teardown(() => server.stop());
    return redisStore(t, server);
  },
};

for (const [name, storeOf] of Object.entries(STORES)) {
  t.test(`${name}: what is asked most comes first, in one spelling, without the tenant`, async (t) => {
    const clock = new ManualClock();
    const observed = new ObservedReads({ store: await storeOf(t), clock });
    observed.note(asked('site_id=7'));
    observed.note(asked('site_id=7'));
    for (let each = 0; each < 3; each++) observed.note(asked('period=8w&site_id=7&kind=a+b'));
    observed.note(asked('kind=a%20b&period=8w&site_id=7'));
    for (let each = 0; each < 3; each++) observed.note(asked('site_id=7', 'metrics'));
    observed.note(asked('kind=once'));
    for (let each = 0; each < 9; each++) observed.note({ ...asked('x=1'), dashboardId: 'other' });
    const hottest = await observed.hottest('shop', 10);
    t.same(
      hottest.map(({ panelId, tenantText, texts }) => [panelId, tenantText, [...texts]]),
      [
        [
          null,
          '7',
          [
            ['kind', 'a b'],
            ['period', '8w'],
          ],
        ],
        ['metrics', '7', []],
        [null, '7', []],
      ],
    );
    t.equal((await observed.hottest('shop', 1)).length, 1);
    t.same(await observed.hottest('shop', 0), []);
    await observed.forget(hottest.slice(0, 1));
    t.equal((await observed.hottest('shop', 10)).length, 2);
  });

  t.test(`${name}: a tenant whose text has a question mark is not taken for another`, async (t) => {
    const observed = new ObservedReads({ store: await storeOf(t), clock: new ManualClock() });
    for (let each = 0; each < 3; each++) {
      observed.note({ ...asked('kind=a'), tenantText: '7?kind=b' });
      observed.note({ ...asked('kind=b?kind=a'), tenantText: '7' });
    }
    const tenants = (await observed.hottest('shop', 10)).map(({ tenantText }) => tenantText);
    t.same(tenants.sort(), ['7', '7?kind=b']);
  });

  t.test(
    `${name}: a question counts half after a day, and what is hardly asked any more is left out`,
    async (t) => {
      const clock = new ManualClock();
      const observed = new ObservedReads({ store: await storeOf(t), clock });
      for (let each = 0; each < 5; each++) observed.note(asked('period=1d'));
      observed.note(asked('period=2d'));
      await observed.flush();
      clock.advance(DAY_MS);
      for (let each = 0; each < 3; each++) observed.note(asked('period=3d'));
      const periods = async () =>
        (await observed.hottest('shop', 10)).map(({ texts }) => texts.get('period'));
      t.same(await periods(), ['3d', '1d'], '3 beside 5 of yesterday, and one of yesterday is too few');
      observed.note(asked('period=1d'));
      t.same(await periods(), ['1d', '3d'], '1 and 5 of yesterday are 3.5');
      clock.advance(3 * DAY_MS);
      t.same(await periods(), []);
    },
  );

  t.test(`${name}: it holds no more than its bound, and the hottest of them`, async (t) => {
    const store = await storeOf(t);
    const many = Array.from({ length: QUESTIONS_MAX_COUNT + 300 }, (_, each) => ({
      spelled: JSON.stringify(['shop', null, null, [['n', String(each)]]]),
      weightLog2: each,
    }));
    await store.add(many);
    const kept = await store.hottestFirst();
    t.equal(kept.length, QUESTIONS_MAX_COUNT);
    t.equal(kept[0]?.weightLog2, QUESTIONS_MAX_COUNT + 299);
    t.equal(kept.at(-1)?.weightLog2, 300);
  });
}

t.test('what one process observed, another knows after its end', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const clock = new ManualClock();
  const first = new ObservedReads({ store: await redisStore(t, server), clock });
  first.start();
  first.note(asked('period=8w&site_id=7'));
  first.note(asked('period=8w&site_id=7'));
  await first.close();
  t.equal(clock.pendingTimers, 0);
  const second = new ObservedReads({ store: await redisStore(t, server), clock });
  t.same([...((await second.hottest('shop', 5))[0]?.texts ?? [])], [['period', '8w']]);
});

t.test('without an answer of the store nothing is known, and nothing fails', async (t) => {
  const away = async () => {
    throw new Error('Redis is not connected');
  };
  const observed = new ObservedReads({
    store: { add: away, hottestFirst: away, forget: away },
    clock: new ManualClock(),
  });
  observed.note(asked('period=8w'));
  t.same(await observed.hottest('shop', 5), []);
  await observed.forget([]);
});

t.test('a query that is too long is not kept, and what another version wrote is no question', async (t) => {
  const observed = new ObservedReads({ store: new MemoryQuestionStore(), clock: new ManualClock() });
  observed.note(asked(`x=${'y'.repeat(500)}`));
  t.same(await observed.hottest('shop', 5), []);
  for (const spelled of [
    '',
    '{}',
    '[1,null,null,[]]',
    '["a",1,null,[]]',
    '["a",null,null,{}]',
    '["a",null,null,[["b"]]]',
  ])
    t.equal(readQuestion(spelled), null, spelled);
});
