import { readFileSync } from 'node:fs';
import type { RedisUser } from './redis-server.js';

const PAGE = new URL('../../docs/redis.md', import.meta.url);

/** The ACL user that docs/redis.md tells people to make: what the page says is what the tests run as. */
export function documentedUser(): RedisUser {
  const line = readFileSync(PAGE, 'utf8').match(/^user (\S+) on >(\S+) (.*)$/m);
  const [, name, password, rules] = line ?? [];
  if (!name || !password || !rules) throw new Error('docs/redis.md has no line of an ACL user');
  return { name, password, rules: rules.split(' ') };
}
