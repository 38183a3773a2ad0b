import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import { Generations } from '../../services/cache/generations.js';
import { RedisBus } from '../../services/cache/redis-bus.js';
import { closeRedisClient, openRedisClient, redisReady } from '../../services/cache/redis-client.js';
import { RedisControlSlot } from '../../services/cache/redis-control-slot.js';
import { subscriberOpener } from '../../services/cache/redis-subscriber.js';
import type { RedisTopology } from '../../services/cache/redis-topology.js';
import { newProcessId } from '../../services/cache/stamp.js';
import { systemClock as clock } from '../../services/clock.js';
import { CountingObserver } from './cache-room.js';
import { RecordingLog } from './recording-log.js';

export interface BusProcess {
  readonly generations: Generations;
  readonly bus: RedisBus;
  readonly observer: CountingObserver;
  readonly log: RecordingLog;
  /** Connections that its subscription has opened so far. */
  readonly opened: readonly Redis[];
}

/** What of a process agrees with the others, in real time. `busUrl`: its subscription goes another way, e.g. a broken one. */
export async function busProcess(
  t: Test,
  topology: RedisTopology,
  options: { busUrl?: string } = {},
): Promise<BusProcess> {
  const log = new RecordingLog();
  const observer = new CountingObserver();
  const random = () => 0.5;
  const client = openRedisClient(topology, log);
  await redisReady(client, 5000);
  const slot = new RedisControlSlot({ redis: client, prefix: 'dc:', clock, processId: newProcessId() });
  const generations = new Generations({ slot, clock, log, observer });
  const { busUrl } = options;
  const heardOn: RedisTopology = busUrl === undefined ? topology : { kind: 'single', url: busUrl };
  const makeConnection = subscriberOpener({ topology: heardOn, client, random });
  const opened: Redis[] = [];
  const open = () => {
    const redis = makeConnection();
    opened.push(redis);
    return redis;
  };
  const look = () => generations.refresh();
  const place = () => generations.place;
  const bus = new RedisBus({ open, prefix: 'dc:', clock, log, random, observer, look, place });
  await generations.start();
  bus.start();
  t.teardown(async () => {
    bus.close();
    await generations.stop();
    await closeRedisClient(client);
  });
  return { generations, bus, observer, log, opened };
}
