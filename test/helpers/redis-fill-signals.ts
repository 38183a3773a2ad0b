import type { Redis } from 'ioredis';
import type { FillSignals } from '../../services/cache/fill-signals.js';

/** Signals as they come from a subscription to the bus of that prefix. */
export async function redisFillSignals(subscriber: Redis, prefix = 'dc:'): Promise<FillSignals> {
  const waiting = new Map<string, Set<() => void>>();
  subscriber.on('message', (_channel: string, message: string) => {
    const [word, keyHash = ''] = message.split(' ');
    if (word === 'filled') for (const tell of waiting.get(keyHash) ?? []) tell();
  });
  await subscriber.subscribe(`${prefix}{g}:bus`);
  return {
    next(keyHash) {
      const told = new Set(waiting.get(keyHash));
      let tell = (): void => {};
      const promise = new Promise<void>((resolve) => {
        tell = resolve;
      });
      waiting.set(keyHash, told.add(tell));
      return { told: promise, cancel: () => void waiting.get(keyHash)?.delete(tell) };
    },
  };
}
