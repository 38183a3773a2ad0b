import { askRedis } from '../../helpers/ask-redis.js';

/** The leases that are held now: name of the key in Redis, and whose it is. */
export async function leasesIn({ port }: { port: number }): Promise<Map<string, string>> {
  const names = (await askRedis(port, 'KEYS', 'dc:{*}:l')) as string[];
  if (names.length === 0) return new Map();
  const values = (await askRedis(port, 'MGET', ...names)) as (string | null)[];
  return new Map(
    names.flatMap((name, index): [string, string][] => (values[index] ? [[name, values[index]]] : [])),
  );
}
