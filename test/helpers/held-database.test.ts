import t from 'tap';
import { turns } from './cache-room.js';
import { HeldDatabase, NEW_VERSION, OLD_VERSION } from './held-database.js';

t.test('a query that has read the old value is held through the change, a later one is not', async (t) => {
  const database = new HeldDatabase();
  database.hold('a');
  let isOver = false;
  const first = database.query('a').finally(() => {
    isOver = true;
  });
  await database.arrived('a');
  database.change('a');
  t.equal(await database.query('a'), NEW_VERSION);
  await turns();
  t.notOk(isOver);
  database.letGo('a');
  t.equal(await first, OLD_VERSION);
});
