import t from 'tap';
import { startPostgres } from './postgres-server.js';

t.test('a real server answers, is killed, and comes back with its data', async (t) => {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await server.query('CREATE TABLE kept (id integer)');
  await server.query('INSERT INTO kept VALUES ($1)', [7]);
  await server.kill();
  await t.rejects(server.query('SELECT 1'));
  await server.restart();
  t.same((await server.query('SELECT id FROM kept')).rows, [{ id: 7 }]);
});

t.test('a frozen server answers nothing until it is thawed', async (t) => {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await server.freeze();
  let isAnswered = false;
  const answer = server.query('SELECT 1').then(() => {
    isAnswered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.notOk(isAnswered);
  await server.thaw();
  await answer;
  t.ok(isAnswered);
});
