import t from 'tap';
import { suggest } from '../../../services/definitions/suggest.js';

t.test('a slip is recognised, another word is not', async (t) => {
  const words = ['query', 'queries', 'max_rows', 'title', 'ttl'];
  const cases: [string, string | null][] = [
    ['querry', 'query'],
    ['qeury', 'query'],
    ['maxRows', 'max_rows'],
    ['max-rows', 'max_rows'],
    ['TITLE', 'title'],
    ['tll', 'ttl'],
    ['colour', null],
    ['', null],
    ['x'.repeat(10_000), null],
  ];
  for (const [word, meant] of cases) t.equal(suggest(word, words), meant, word.slice(0, 20));
  t.equal(suggest('anything', []), null);
});
