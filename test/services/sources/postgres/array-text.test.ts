import fc from 'fast-check';
import t from 'tap';
import { arrayJson } from '../../../../services/sources/postgres/array-text.js';

type Nested = string | null | Nested[];

/** As array_out of PostgreSQL writes it. */
function written(value: Nested): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `{${value.map(written).join(',')}}`;
  const isPlain = value !== '' && !/[\s"\\{},]/.test(value) && !/^null$/i.test(value);
  return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

t.test('whatever PostgreSQL writes as an array is read as the same array', async (t) => {
  const leaf = fc.option(
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', ' ', 'N', 'é', '😀') }),
  );
  const { tree } = fc.letrec<{ tree: Nested }>((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, fc.array(leaf), fc.array(tie('tree').filter(Array.isArray))),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const json = arrayJson(written(value), { delimiter: ',', element: JSON.stringify });
      return json === JSON.stringify(value);
    }),
    { numRuns: 3000 },
  );
  t.pass('held');
});

t.test('bounds are left out, another delimiter is followed, and half an array is none', async (t) => {
  const read = (text: string, delimiter = ',') => arrayJson(text, { delimiter, element: (item) => item });
  t.equal(read('[0:1][-2:-1]={{1,2},{3,4}}'), '[[1,2],[3,4]]');
  t.equal(
    arrayJson('{(1,2),(3,4);(5,6),(7,8)}', { delimiter: ';', element: JSON.stringify }),
    '["(1,2),(3,4)","(5,6),(7,8)"]',
  );
  for (const text of ['{1,2', '{"a', '{1}x']) t.throws(() => read(text), text);
});
