import { readFileSync } from 'node:fs';
import t from 'tap';
import { OPTION_NAMES } from '../../../services/results/cache-result-options.js';

t.test('docs/library.md has every option of cacheResult, and no other', (t) => {
  const page = readFileSync(new URL('../../../docs/library.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('### Options'), page.indexOf('### From the old decorator'));
  const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  t.same(named.sort(), [...OPTION_NAMES].sort());
  t.end();
});
