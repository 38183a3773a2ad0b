import t from 'tap';
import type { PgoutputMessage } from '../../../services/changes/logical/pgoutput.js';
import { readPgoutput } from '../../../services/changes/logical/pgoutput.js';
import { isVisible, readSnapshot } from '../../../services/changes/logical/visible-transactions.js';
import { pgoutput } from './support/pgoutput-messages.js';
import { transactions } from './support/transactions.js';

t.test('a message that is cut short: refused, not half read', async (t) => {
  const whole = pgoutput.insert(1, ['1', 'site']);
  for (const length of [whole.length - 1, whole.length - 5, 7, 3])
    t.throws(() => transactions().tell(whole.subarray(0, length)), { name: 'RangeError' }, `${length} bytes`);
  t.throws(() => readPgoutput(Buffer.from([0x42, 0])));
});

t.test('a row with fewer values than its table has columns: refused', async (t) => {
  t.throws(() => transactions().tell(pgoutput.insert(1, ['1'])), /fewer values/);
});

t.test('what says nothing of rows: passed over', async (t) => {
  t.same(readPgoutput(Buffer.from('Yxxxx')) satisfies PgoutputMessage, { kind: 'other' });
});

t.test('a snapshot sees a transaction once it has ended, also after numbers have gone round', async (t) => {
  const sees = (snapshot: string, xid: number) => isVisible(xid, readSnapshot(snapshot));
  t.equal(sees('80:100:85', 90), true);
  t.equal(sees('80:100:85', 85), false, 'it runs');
  t.equal(sees('80:100:', 100), false, 'it is younger');
  const round = 2n ** 32n;
  t.equal(sees(`${round}:${round + 5n}:${round + 2n}`, 0xffff_fff0), true);
  t.equal(sees(`${round}:${round + 5n}:${round + 2n}`, 2), false);
  t.equal(sees(`${round}:${round + 5n}:`, 7), false);
});
