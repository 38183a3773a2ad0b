import type { Redis } from 'ioredis';
import t from 'tap';
import { until } from '../../helpers/cache-redis.js';
import { sourcesOf, twoRooms } from '../../helpers/cache-redis-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

/** What clients have asked of one key, as Redis heard it; what a script does inside is no wait of anybody. */
async function listening(redis: Redis, keyHash: string) {
  const asked: string[] = [];
  let heard = 0;
  const monitor = await redis.duplicate().monitor();
  monitor.on('monitor', (_at: string, words: string[], source: string) => {
    if (words[0] === 'echo' && words[1] === `mark ${heard + 1}`) heard++;
    if (source !== 'lua' && words.some((word) => word.includes(keyHash)))
      asked.push(/^eval(sha)?$/i.test(words[0] ?? '') ? 'script' : String(words[0]));
  });
  return {
    /** Since the last call. */
    async asked(): Promise<string[]> {
      const mark = heard + 1;
      await redis.echo(`mark ${mark}`);
      await until(() => heard === mark);
      return asked.splice(0);
    },
    end: () => monitor.disconnect(),
  };
}

t.test(
  'a look-up and the lease are one question, and so is what is stored with the end of the lease',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url);
    const [mine, theirs] = sourcesOf(
      () => 'value',
      () => 'never asked',
    );
    for (const room of [one, two]) await room.generations.prove(mine.tags);
    const redis = await listening(one.redis, mine.key.hash);
    t.teardown(redis.end);

    t.hasStrict(await one.cache.read(mine), { outcome: 'miss', stored: true });
    t.same(await redis.asked(), ['script', 'get', 'script'], 'ask, then fill');
    t.equal(one.observer.count('operation:l2_read'), 1, 'the frame is asked for together with the lease');
    t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l2' });
    t.same(await redis.asked(), ['script', 'get']);
    t.equal(two.observer.count('operation:l2_read'), 1);
    t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l1' });
    t.same(await redis.asked(), []);
    two.memory.remove(theirs.key.hash);
    t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l2' });
    t.same(await redis.asked(), ['get'], 'what was seen there is read alone');
  },
);
