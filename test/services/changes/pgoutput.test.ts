import t from 'tap';
import type { PgoutputMessage, Relation } from '../../../services/changes/logical/pgoutput.js';
import { readPgoutput } from '../../../services/changes/logical/pgoutput.js';
import { type RowChange, tenantsOfRow } from '../../../services/changes/logical/tenants-of-row.js';
import { isVisible } from '../../../services/changes/logical/visible-transactions.js';

t.test('a message that is cut short: refused, not half read', async (t) => {
  const cut = Buffer.from([0x49, 0, 0, 0, 1, 0x4e, 0, 1, 0x74, 0, 0, 0, 9, 0x61]);
  t.throws(() => readPgoutput(cut), /beyond the end/);
  t.throws(() => readPgoutput(Buffer.from([0x42, 0])));
});

t.test('what says nothing of rows: passed over', async (t) => {
  t.same(readPgoutput(Buffer.from('Yxxxx')) satisfies PgoutputMessage, { kind: 'other' });
});

t.test('a snapshot sees a transaction once it has ended, also after numbers have gone round', async (t) => {
  t.equal(isVisible(90, '80:100:85'), true);
  t.equal(isVisible(85, '80:100:85'), false, 'it runs');
  t.equal(isVisible(100, '80:100:'), false, 'it is younger');
  const round = 2n ** 32n;
  t.equal(isVisible(0xffff_fff0, `${round}:${round + 5n}:${round + 2n}`), true);
  t.equal(isVisible(2, `${round}:${round + 5n}:${round + 2n}`), false);
  t.equal(isVisible(7, `${round}:${round + 5n}:`), false);
});

const relation: Relation = {
  id: 1,
  schema: 'public',
  name: 'tasks',
  columns: [
    { name: 'id', typeId: 23, isIdentity: true },
    { name: 'site', typeId: 25, isIdentity: false },
  ],
};
const watched = { tenantColumn: 'site', immutable: false };
const update = (given: Partial<Extract<RowChange, { kind: 'update' }>>): RowChange => ({
  kind: 'update',
  relationId: 1,
  old: null,
  row: [Buffer.from('1'), Buffer.from('7')],
  ...given,
});

t.test(
  'a value that was not sent has not changed: the old one is the tenant, where it is known',
  async (t) => {
    const row = [Buffer.from('1'), undefined];
    const old = { extent: 'full', row: [Buffer.from('1'), Buffer.from('8')] } as const;
    t.same(tenantsOfRow(update({ row, old }), relation, watched), ['8']);
    t.equal(tenantsOfRow(update({ row }), relation, { ...watched, immutable: true }), null);
  },
);

t.test('a column that is missing or whose text is not canonical: nobody can tell', async (t) => {
  t.equal(tenantsOfRow(update({}), relation, { tenantColumn: 'other', immutable: true }), null);
  const numeric = { ...relation, columns: relation.columns.map((column) => ({ ...column, typeId: 1700 })) };
  t.equal(tenantsOfRow(update({}), numeric, { tenantColumn: 'site', immutable: true }), null);
  t.same(tenantsOfRow(update({}), relation, { tenantColumn: 'site', immutable: true }), ['7']);
});
