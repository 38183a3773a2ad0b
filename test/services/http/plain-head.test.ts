import t from 'tap';
import { plainHead } from '../../../services/http/plain-head.js';

const HOST = ['Host', 'localhost'];

function headOf(...lines: readonly string[]) {
  return plainHead({ rawHeaders: [...HOST, ...lines] });
}

t.test(
  'given heads whose answers look alike, they are of one variant, and of another one otherwise',
  async (t) => {
    const variantOf = (...lines: readonly string[]) => headOf(...lines)?.variant;
    const gzip = variantOf('Accept-Encoding', 'gzip');
    t.type(gzip, 'string');
    t.equal(variantOf('accept-encoding', 'gzip', 'Authorization', 'Bearer a', 'cookie', 'b=1'), gzip);
    t.not(variantOf('Accept-Encoding', 'br'), gzip);
    t.not(variantOf('Accept-Encoding', 'gzip', 'Origin', 'https://a.example'), gzip);
    t.not(variantOf('Origin', 'gzip'), gzip, 'a value of one field is none of the other');
    t.not(variantOf(), gzip);
  },
);

t.test('the tag that the reader has is told as it came', async (t) => {
  t.equal(headOf('If-None-Match', 'W/"a", "b"')?.ifNoneMatch, 'W/"a", "b"');
  t.equal(headOf()?.ifNoneMatch, undefined);
});

t.test('given a head that wants or says more, it is not plain', async (t) => {
  t.equal(plainHead({ rawHeaders: [] }), null, 'no host');
  const more: readonly (readonly string[])[] = [
    ['hOST', 'elsewhere'],
    ['Expect', '100-continue'],
    ['Cache-Control', 'no-cache'],
    ['Accept-Encoding', 'br', 'accept-encoding', 'gzip'],
    ['Origin', 'https://a.example', 'Origin', 'https://b.example'],
    ['If-None-Match', '"a"', 'If-None-Match', '"b"'],
  ];
  for (const lines of more) t.equal(headOf(...lines), null, lines.join(' '));
  t.ok(
    headOf('Cache-Control', 'no-cache', 'If-None-Match', '"a"'),
    'beside a tag it means no more than the tag',
  );
  t.ok(headOf('Cache-Control', 'max-age=0', 'Ost', 'a', 'X-Host', 'b'));
});
