import t from 'tap';
import { requestId } from '../../../services/http/request-id.js';

t.test('an id is taken from a trusted proxy when it is fit to be shown, else made', async (t) => {
  const given = (id: string | string[] | undefined, trusted = true) =>
    requestId(id === undefined ? {} : { 'x-request-id': id }, trusted);
  t.equal(given('abc-1:2.3_4'), 'abc-1:2.3_4');
  const made = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
  t.match(given('abc', false), made, 'a stranger');
  t.match(given(undefined), made);
  t.match(given(''), made);
  t.match(given('a b'), made);
  t.match(given('x'.repeat(65)), made);
  t.match(given(['a', 'b']), made);
  t.not(given(undefined), given(undefined));
});
