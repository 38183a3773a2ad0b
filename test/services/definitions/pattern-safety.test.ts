import t from 'tap';
import { checkPatterns } from '../../../services/definitions/pattern-safety.js';

t.test('patterns that could hang the process are told from those that cannot', async (t) => {
  const safe = ['^[A-Z]{2}-[0-9]{1,6}$', '[a-z]+x', '^\\p{L}+$', '^(open|closed)$'];
  const unsafe = ['^(a+)+$', '^(a|a)*$', '^.*.*.*x$', '([a-z]+)*=', '^(([a-z])+.)+[A-Z]([a-z])+$'];
  const verdicts = await checkPatterns([...safe, ...unsafe]);
  t.same(
    verdicts.map(({ safe }) => safe),
    [...safe.map(() => true), ...unsafe.map(() => false)],
  );
  t.match(verdicts[4]?.reason, /exponential/);
  t.same(await checkPatterns([]), []);
});
