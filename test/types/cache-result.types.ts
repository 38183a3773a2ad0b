/** Checked by the compiler alone: what must not compile is marked, and the mark itself fails when it compiles. */
import {
  type CachedFunction,
  type CacheResultOptions,
  cacheResult,
  createResultCache,
  type DashcacheOptions,
  type Duration,
  type getCacheStats,
  type ResultCacheOptions,
} from '../../index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when both types are the same. */
function same<A, B>(_isSame: Same<A, B>): void {}

interface Totals {
  readonly tasks: number;
}

declare function totals(siteId: number, period?: string): Promise<Totals>;
declare function doubled(value: number): number;
declare function joined(first: string, ...rest: string[]): string;

export async function results(): Promise<void> {
  const cached = cacheResult(totals, { ttl: '5m' });
  same<typeof cached, CachedFunction<typeof totals>>(true);
  same<Parameters<typeof cached>, [siteId: number, period?: string]>(true);
  same<ReturnType<typeof cached>, Promise<Totals>>(true);
  same<Parameters<typeof cached.invalidate>, [siteId: number, period?: string]>(true);
  same<ReturnType<typeof cached.invalidate>, Promise<void>>(true);
  same<ReturnType<typeof cached.invalidateAll>, Promise<void>>(true);

  const now = cacheResult(doubled, { timeout: 300, keyPrefix: 'now' });
  same<ReturnType<typeof now>, Promise<number>>(true);

  const inline = cacheResult(async (siteId: number) => [siteId], { ttl: '250ms', keyPrefix: 'inline' });
  same<ReturnType<typeof inline>, Promise<number[]>>(true);

  const own = createResultCache({ redisUrl: 'redis://127.0.0.1' });
  createResultCache({ redisSentinels: 'redis://s1.example,s2.example/main', redisPrefix: 'mine:' });
  createResultCache({ redisCluster: 'n1.example,n2.example', redisUrl: undefined });
  // Whatever says to the plugin where Redis is says it here.
  same<
    Pick<ResultCacheOptions, 'redisUrl' | 'redisSentinels' | 'redisCluster'>,
    Pick<DashcacheOptions, 'redisUrl' | 'redisSentinels' | 'redisCluster'>
  >(true);
  const variadic = own.cacheResult(joined, {
    ttl: '1.5h',
    grace: '1d',
    key: (first, ...rest) => [first, rest, null],
    unless: (first) => first === '',
  });
  same<Parameters<typeof variadic>, [first: string, ...rest: string[]]>(true);
  same<ReturnType<typeof own.getCacheStats>['hit_rate'], number>(true);
  same<ReturnType<typeof getCacheStats>['recommendation'], string>(true);

  // @ts-expect-error -- the compiler is no rubber stamp: these two differ
  same<ReturnType<typeof cached>, Promise<number>>(true);
}

export async function refusedCalls(): Promise<void> {
  const cached = cacheResult(totals, { ttl: '5m' });
  // @ts-expect-error -- text in place of a number
  await cached('7');
  // @ts-expect-error -- an argument is missing
  await cached();
  // @ts-expect-error -- one argument too many
  await cached(7, '30d', true);
  // @ts-expect-error -- text in place of a number
  await cached.invalidate('7');
  // @ts-expect-error -- an argument is missing
  await cached.invalidate();
  // @ts-expect-error -- all means all
  await cached.invalidateAll(7);
  const result = await cached(7);
  // @ts-expect-error -- the result has the type that the function gives
  result.open;
}

export function refusedOptions(): void {
  // @ts-expect-error -- a number has no unit: seconds or milliseconds?
  cacheResult(totals, { ttl: 300 });
  // @ts-expect-error -- not a unit
  cacheResult(totals, { ttl: '5 minutes' });
  // @ts-expect-error -- no unit
  cacheResult(totals, { ttl: '300' });
  // @ts-expect-error -- the old name is a number of seconds
  cacheResult(totals, { timeout: '300s' });
  // @ts-expect-error -- which of the two holds?
  cacheResult(totals, { ttl: '5m', timeout: 300 });
  // @ts-expect-error -- for how long?
  cacheResult(totals, {});
  // @ts-expect-error -- for how long?
  cacheResult(totals);
  // @ts-expect-error -- as the old decorator spelled it
  cacheResult(totals, { ttl: '5m', key_prefix: 'totals' });
  // @ts-expect-error -- unless is asked with the function's own arguments
  cacheResult(totals, { ttl: '5m', unless: (siteId: string) => siteId === '' });
  // @ts-expect-error -- a Promise is always true
  cacheResult(totals, { ttl: '5m', unless: async () => false });
  // @ts-expect-error -- key gets the function's own arguments
  cacheResult(totals, { ttl: '5m', key: (siteId: string) => siteId });
  // @ts-expect-error -- a key is text
  cacheResult(totals, { ttl: '5m', key: (siteId) => siteId });
  // @ts-expect-error -- a grace needs a unit as a ttl does
  cacheResult(totals, { ttl: '5m', grace: 60 });
  // @ts-expect-error -- a function is cached, not its result
  cacheResult(totals(7), { ttl: '5m' });
}

export function refusedCaches(): void {
  // @ts-expect-error -- nodes are one text with commas between
  createResultCache({ redisCluster: ['n1.example', 'n2.example'] });
  // @ts-expect-error -- as the client of Redis spells it
  createResultCache({ sentinels: [{ host: 's1.example', port: 26379 }] });
  // @ts-expect-error -- bytes are a number
  createResultCache({ redisMaxBytes: '100MB' });
}

export const durations: readonly Duration[] = ['250ms', '30s', '5m', '1.5h', '2d'];
// @ts-expect-error -- weeks are no unit
export const weeks: Duration = '2w';
export const options: CacheResultOptions<typeof totals> = { timeout: 300, unless: (siteId) => siteId === 0 };
