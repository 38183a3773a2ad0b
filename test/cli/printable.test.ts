import t from 'tap';
import { printable, printableText } from '../../cli/printable.js';

t.test('what would command a terminal is written out, and the rest is as it was', async (t) => {
  t.equal(printableText('\u001b[2Jgone\r\n\u009b'), '\\u001b[2Jgone\\u000d\\u000a\\u009b');
  t.equal(printableText('Größe – 北'), 'Größe – 北');
});

t.test('every string of a document is made printable, at any depth', async (t) => {
  t.same(printable({ a: ['\u0007', 1, null, { b: 'x\ty' }], c: true }), {
    a: ['\\u0007', 1, null, { b: 'x\\u0009y' }],
    c: true,
  });
});
