import t from 'tap';
import { Body } from '../../../services/cache/body.js';
import { systemClock } from '../../../services/clock.js';
import { silentLog } from '../../../services/log.js';
import { readOptions } from '../../../services/results/cache-result-options.js';
import { CachedCalls } from '../../../services/results/cached-calls.js';
import { ResultLayers } from '../../../services/results/result-layers.js';
import { ReadCounts } from '../../../services/statistics/read-counts.js';
import { counted } from '../../helpers/result-room.js';

t.test('an entry that this Node cannot read is a miss, and gone for the next call', async (t) => {
  const layers = new ResultLayers({
    redis: null,
    redisPrefix: 'dc:',
    redisMaxBytes: 1,
    memoryMaxBytes: 1024 * 1024,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
  });
  t.teardown(() => layers.close());
  let isForeign = false;
  const purged: string[] = [];
  const totals = counted(async (siteId: number) => ({ siteId }));
  const counts = new ReadCounts();
  const calls = new CachedCalls({
    fn: totals,
    settings: readOptions(totals, { ttl: '5m', keyPrefix: 'totals' }),
    layers: {
      isClosed: false,
      async read(request) {
        const answer = await layers.read(request);
        return isForeign
          ? { ...answer, entry: { ...answer.entry, body: Body.of(Buffer.from('?')) } }
          : answer;
      },
      bypass: (request) => layers.bypass(request),
      purge(tag) {
        purged.push(tag);
        return layers.purge(tag);
      },
    },
    counts,
  });
  await calls.call([7]);
  isForeign = true;
  t.same(await calls.call([7]), { siteId: 7 });
  isForeign = false;
  t.equal(totals.runs.length, 2);
  t.equal(purged.length, 1);
  t.same(await calls.call([7]), { siteId: 7 });
  t.equal(totals.runs.length, 3, 'the unreadable entry is not met again');
  t.match(counts.counters(), { misses: 3, hits: 0, errors: 0, bypasses: 0 });
});
