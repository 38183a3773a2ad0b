import t from 'tap';
import { pgoutput } from './support/pgoutput-messages.js';
import { TASKS_RELATION, transactions, watchedTasks } from './support/transactions.js';

t.test(
  'a value that was not sent has not changed: the old one is the tenant, where it is known',
  async (t) => {
    const old = { mark: 'O', row: ['1', '8'] } as const;
    t.same(transactions().tell(pgoutput.update(1, ['1', undefined], old)), ['tasks:8']);
    t.same(transactions({ immutable: true }).tell(pgoutput.update(1, ['1', undefined])), ['tasks']);
  },
);

t.test('the tenant behind other values of any kind and length: it is the one that is read', async (t) => {
  const filler = { name: 'filler', typeId: 25, isIdentity: false };
  const relation = {
    ...TASKS_RELATION,
    columns: [filler, filler, filler, ...TASKS_RELATION.columns],
  };
  const { tell } = transactions({ relation });
  const row = [null, 'é'.repeat(300), undefined, '1', 'Ã©'];
  t.same(tell(pgoutput.insert(1, row)), ['tasks:Ã©']);
  t.same(tell(pgoutput.update(1, row, { mark: 'O', row: ['', undefined, null, '', 'é'] })), ['tasks:é,Ã©']);
  t.same(tell(pgoutput.delete(1, { mark: 'O', row })), ['tasks:Ã©']);
  t.same(tell(pgoutput.delete(1, { mark: 'K', row })), ['tasks'], 'of the old row the identity alone');
});

t.test('a column that is missing or whose text is not canonical: nobody can tell', async (t) => {
  const update = pgoutput.update(1, ['1', '7']);
  t.same(transactions({ tenantColumn: 'other', immutable: true }).tell(update), ['tasks']);
  const columns = TASKS_RELATION.columns.map((column) => ({ ...column, typeId: 1700 }));
  const numeric = { ...TASKS_RELATION, columns };
  t.same(transactions({ relation: numeric, immutable: true }).tell(update), ['tasks']);
  t.same(transactions({ immutable: true }).tell(update), ['tasks:7']);
});

t.test('the same tenant row after row, others between: each is told once', async (t) => {
  const { tell } = transactions();
  const rows = ['7', '7', '70', '7', '8', '8'].map((site) => pgoutput.insert(1, ['1', site]));
  t.same(tell(...rows), ['tasks:7,70,8']);
  t.same(tell(...rows.slice(0, 1)), ['tasks:7'], 'and in the next transaction again');
});

t.test('tenants whose bytes or places look alike: each by its own text', async (t) => {
  const { tell } = transactions();
  const told = (...sites: string[]) => tell(...sites.map((site) => pgoutput.insert(1, ['1', site])));
  // In UTF-8 the bytes of é are the characters of Ã© in Latin-1.
  t.same(told('Ã©', 'é', 'Ã©'), ['tasks:Ã©,é']);
  t.same(told('é', 'Ã©', ''), ['tasks:é,Ã©,']);
  t.same(told('Aa', 'BB', 'Aa', 'AaAa', 'BBBB'), ['tasks:Aa,BB,AaAa,BBBB'], 'of one hash');
  const numbers = Array.from({ length: 1000 }, (_, number) => `${number % 500}`);
  t.same(
    numbers.flatMap((number) => told(number)),
    numbers.map((number) => `tasks:${number}`),
    'more than are remembered',
  );
});

t.test(
  'once all of a table is touched its rows are not looked into, until the next transaction',
  async (t) => {
    const { tell } = transactions();
    const broken = pgoutput.insert(1, ['1', '9']).subarray(0, 9);
    t.throws(() => transactions().tell(broken), { name: 'RangeError' });
    t.same(tell(pgoutput.insert(1, ['1', null]), broken), ['tasks']);
    const rows = Array.from({ length: 101 }, (_, site) => pgoutput.insert(1, ['1', `${site}`]));
    t.same(tell(...rows, broken), ['tasks'], 'more tenants than are worth naming');
    t.same(tell(pgoutput.insert(1, ['1', '7'])), ['tasks:7']);
  },
);

t.test('columns change places, or another one says whose a row is: read as it is from then on', async (t) => {
  const { tell, reader } = transactions();
  const insert = pgoutput.insert(1, ['1', '7']);
  t.same(tell(insert), ['tasks:7']);
  reader.read(pgoutput.relation({ ...TASKS_RELATION, columns: TASKS_RELATION.columns.toReversed() }));
  t.same(tell(insert), ['tasks:1'], 'the table is described anew');
  reader.relations = watchedTasks({ tenantColumn: 'id' });
  t.same(tell(insert), ['tasks:7'], 'it is watched otherwise');
  reader.relations = new Map();
  t.same(tell(insert), [], 'nobody watches it');
});

t.test('a table that was not described: refused', async (t) => {
  t.throws(() => transactions().tell(pgoutput.insert(2, ['1', '7'])), /has not described/);
});
