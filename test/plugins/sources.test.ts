import t from 'tap';
import { buildApp } from '../../app.js';
import { parseStatement } from '../../services/definitions/statement.js';
import { smallConfig, smallFolder } from './fixtures/small-service.js';

t.test('whoever wants to know is told of each query that failed', async (t) => {
  const app = await buildApp(smallConfig(smallFolder(t)), { logger: { level: 'silent' } });
  t.teardown(() => app.close());
  const failed: string[] = [];
  app.sources.onQueryFailed((source) => failed.push(source));
  const ask = async (sql: string) => {
    const limits = { signal: new AbortController().signal, maxRowsCount: 10, maxBytes: 1000 };
    await app.sources.get('main')?.query(parseStatement(sql), new Map(), limits);
  };
  await ask('SELECT 1');
  t.same(failed, []);
  await t.rejects(ask('SELECT nothing FROM tasks'), { code: 'source_wrong_answer' });
  t.same(failed, ['main']);
});
