import t from 'tap';
import { isDeeperThan } from '../../../services/http/json-depth.js';

const nested = (levelsCount: number) => `${'[{"a":'.repeat(levelsCount / 2)}1${'}]'.repeat(levelsCount / 2)}`;

t.test('levels are counted, side by side or one within the other', async (t) => {
  t.notOk(isDeeperThan(nested(32), 32));
  t.ok(isDeeperThan(nested(34), 32));
  t.ok(isDeeperThan('['.repeat(33), 32), 'also before they end');
  t.notOk(isDeeperThan(`[${'{},'.repeat(5000)}{}]`, 2), 'those that have ended no longer count');
});

t.test('brackets in a text are none', async (t) => {
  t.notOk(isDeeperThan(JSON.stringify({ a: '[[[[{{{{"\\[[[' }), 1));
  t.ok(isDeeperThan('{"a\\\\":[[1]]}', 2), 'a backslash that is escaped escapes nothing');
});
