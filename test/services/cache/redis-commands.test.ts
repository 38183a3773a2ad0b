import t from 'tap';
import { askRedis } from '../../helpers/ask-redis.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { startRedis } from '../../helpers/redis-server.js';

/** Valkey is Redis 7.2 and what came after it there: whatever is older, both have. */
const SHARED_SINCE = [7, 2];

/** Of the client itself, which need no right. What it asks sentinels, `SENTINEL`, is as old as they are. */
const OF_CLIENT = ['hello', 'auth', 'quit'];

function isShared(since: string): boolean {
  const [major = 0, minor = 0] = since.split('.').map(Number);
  const [sharedMajor = 0, sharedMinor = 0] = SHARED_SINCE;
  return major < sharedMajor || (major === sharedMajor && minor <= sharedMinor);
}

/** The version that first had a command or a subcommand; null: this server does not have it. */
async function sinceOf(port: number, name: string): Promise<string | null> {
  const [, fields] = (await askRedis(port, 'COMMAND', 'DOCS', name)) as unknown[];
  return Array.isArray(fields) ? String(fields[fields.indexOf('since') + 1]) : null;
}

t.test('every command that is used is one that Redis 7 and Valkey share', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  // What the user may do is what is sent: test/integration/limited-user.test.ts finds nothing refused.
  const allowed = documentedUser().rules.filter((rule) => rule.startsWith('+'));
  t.ok(allowed.length > 30);
  for (const name of [...allowed.map((rule) => rule.slice(1)), ...OF_CLIENT]) {
    const since = await sinceOf(server.port, name);
    t.ok(since !== null && isShared(since), `${name}, since ${since}`);
  }
  t.notOk(isShared('7.4.0'), 'HPEXPIRE and its like are Redis alone');
  t.notOk(isShared('8.0.0'));
  t.equal(await sinceOf(server.port, 'nosuchcommand'), null);
});
