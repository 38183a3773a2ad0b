import t from 'tap';
import { hostFault } from '../../../services/http/host-fault.js';

function fault(
  fields: readonly (readonly [name: string, value: string])[],
  rest: { url?: string; httpVersion?: string } = {},
) {
  const host = fields.find(([name]) => name.toLowerCase() === 'host')?.[1];
  return hostFault({
    headers: host === undefined ? {} : { host },
    rawHeaders: fields.flat(),
    httpVersion: '1.1',
    url: '/',
    ...rest,
  });
}

t.test('one Host field is as it should be, also named in the address', async (t) => {
  t.equal(fault([['Host', 'a']]), null);
  t.equal(
    fault(
      [
        ['Host', 'a:8000'],
        ['X-A', 'host'],
      ],
      { url: 'http://A:8000/x' },
    ),
    null,
    'a value is no name',
  );
  t.equal(fault([], { httpVersion: '1.0' }), null, 'before HTTP/1.1 there was none');
});

t.test('none, two, or another one in the address: a fault', async (t) => {
  t.match(fault([]), /needs a Host/);
  t.match(
    fault([
      ['Host', 'a'],
      ['hOST', 'a'],
    ]),
    /one Host/,
  );
  for (const url of ['http://b/x', 'HTTP://b', 'https://a@b/', 'http://b?a'])
    t.match(fault([['Host', 'a']], { url }), /not the same/, url);
});
