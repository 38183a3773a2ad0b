import t from 'tap';
import { expectFault } from '../../../services/http/expect-fault.js';

t.test('nothing expected, or 100-continue in any case: no fault', async (t) => {
  t.equal(expectFault({ headers: {} }), null);
  for (const expect of ['100-continue', '100-Continue']) t.equal(expectFault({ headers: { expect } }), null);
});

t.test('anything else expected: a fault', async (t) => {
  for (const expect of ['', '200-ok', '100-continue, more', '{}'])
    t.match(expectFault({ headers: { expect } }), /100-continue/, JSON.stringify(expect));
});
