import { requestText, type Side } from '../side.js';
import { type DashcacheOptions, linesOf, startedService, textOf } from './dashcache.js';
import { startRedisBesideLoad } from './redis.js';

/** Ten for each connection: until one asks the same again, so much was read that none of it is left in the least memory that a service may have. */
export const ENTRIES_COUNT = 640;
/** Some 20 KiB as they are sent. */
const ROWS = 3600;
const LINES = ['accept-encoding: br'];

/** Many entries asked in turn, so that none is in memory any more when its turn comes again. */
export function layerTwoSide(options: DashcacheOptions): Side {
  return {
    name: options.name,
    async start(life) {
      const redis = await startRedisBesideLoad(life);
      const environment = { REDIS_URL: redis.url, MEMORY_MAX_BYTES: '1MiB' };
      const asked = { ...options, lines: LINES, environment };
      const service = await startedService(life, asked);
      const lines = await linesOf(asked);
      const paths = Array.from(
        { length: ENTRIES_COUNT },
        (_, i) => `/dashboards/sizes/charts/line?site_id=7&rows=${ROWS + i}`,
      );
      for (const path of paths) await textOf(service, path, lines);
      for (const path of paths.slice(0, 20)) {
        const { headers } = await textOf(service, path, lines);
        if (!/detail=l2$/.test(headers.get('cache-status') ?? ''))
          throw new Error(`${path} is no hit of layer two: ${headers.get('cache-status')}`);
      }
      return {
        port: service.port,
        requests: paths.map((path) => requestText(path, 'short', lines)),
        areOwn: true,
        status: 200,
        isShared: true,
        stop: () => service.stop(),
      };
    },
  };
}
