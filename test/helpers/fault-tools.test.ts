import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { cacheRedis } from './cache-redis.js';
import { checkHistory, type HistoryViolation } from './check-history.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { HistoryRecorder } from './history.js';
import { startRedis } from './redis-server.js';
import { testSeed } from './seeded-random.js';
import { schedule } from './seeded-schedule.js';

const RUN_MS = 2500;
/** What a message may take where nothing is broken. */
const MESSAGE_MS = 45;

/** How a reader of the toy below comes to its version. */
type Toy = (t: Test, redisUrl: string) => Promise<() => Promise<number>>;

/** Asks Redis at every read: it may fail, and is never old. */
const asking: Toy = async (t, redisUrl) => {
  const redis = await cacheRedis(t, redisUrl);
  return async () => Number(await redis.get('version'));
};

/** Keeps what it has until a message tells it to ask again, as if no message were ever lost. */
const believing: Toy = async (t, redisUrl) => {
  const redis = await cacheRedis(t, redisUrl);
  // Its own way to subscribe again gives nobody the error of a line that is cut meanwhile.
  const bus = new Redis(redisUrl, { retryStrategy: () => 50, autoResubscribe: false });
  bus.on('error', () => {});
  bus.on('ready', () => bus.subscribe('purge').catch(() => {}));
  t.teardown(() => bus.disconnect());
  let held: number | null = null;
  bus.on('message', () => {
    held = null;
  });
  await bus.subscribe('purge');
  return async () => {
    held ??= Number(await redis.get('version'));
    return held;
  };
};

/** One writes and purges, one reads over a line that is broken by the script, for a while. */
async function violationsOf(t: Test, toy: Toy, inForceAfterMs: number): Promise<HistoryViolation[]> {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const proxy: FaultProxy = await startFaultProxy({ targetPort: server.port });
  t.teardown(() => proxy.stop());
  const source = await cacheRedis(t, server.url);
  await source.set('version', 0);
  const readVersion = await toy(t, proxy.url);
  const [writer, reader] = [new HistoryRecorder('writer'), new HistoryRecorder('reader')];
  const heal = () => proxy.heal();
  const script = schedule(testSeed()).every([20, 80], {
    cut: () => proxy.cut(),
    silent: { do: () => proxy.blackhole(), undo: heal, lastsMs: [50, 200] },
    unheard: { do: () => proxy.halfOpen('up'), undo: heal, lastsMs: [50, 200] },
    slow: { do: () => proxy.delay(30), undo: heal, lastsMs: [50, 200] },
  });
  t.comment(script.replay);
  const run = script.run(RUN_MS);
  const endMs = performance.now() + RUN_MS;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  const writing = async () => {
    for (let version = 1; performance.now() < endMs; version++) {
      await writer.write('k', version, () => source.set('version', version));
      await writer.invalidate('purge without waiting', ['k'], () => source.publish('purge', 'k'));
      await pause();
    }
  };
  const reading = async () => {
    while (performance.now() < endMs) {
      await reader.read('k', async () => ({ version: await readVersion() })).catch(() => {});
      await pause();
    }
  };
  await Promise.all([run, writing(), reading()]);
  t.comment(script.transcript.join('\n'));
  t.ok(reader.operations.length > 20, `${reader.operations.length} reads were answered`);
  return checkHistory([...writer.operations, ...reader.operations], { inForceAfterMs });
}

t.test('given a broken line, a reader that asks Redis every time gives nothing old', async (t) => {
  t.same(
    (await violationsOf(t, asking, 0)).slice(0, 3).map(({ text }) => text),
    [],
  );
});

t.test('given the same, one that believes every message arrives is caught', async (t) => {
  const [first] = await violationsOf(t, believing, MESSAGE_MS);
  t.equal(first?.rule, 'invalidated');
  t.comment(first?.text);
});
