import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { readSharedError, writeSharedError } from '../../../services/cache/shared-error.js';

t.test('given an error of ours, code, detail and retry-after arrive, and its cause does not', async (t) => {
  const error = new DashcacheError('source_overloaded', {
    detail: 'Too much to do',
    retryAfterSeconds: 3,
    cause: new Error('SELECT secret FROM hosts'),
  });
  const text = writeSharedError(error) ?? '';
  t.notMatch(text, /secret/);
  const read = readSharedError(text);
  t.ok(read instanceof DashcacheError);
  t.match(read, { code: 'source_overloaded', message: 'Too much to do', retryAfterSeconds: 3 });
  const plain = readSharedError(writeSharedError(new DashcacheError('source_deadline')) ?? '');
  t.match(plain, { code: 'source_deadline', retryAfterSeconds: undefined });
});

t.test('given an error that is none of ours, it is not shared', async (t) => {
  t.equal(writeSharedError(new TypeError('a bug')), null);
  t.equal(writeSharedError('thrown text'), null);
});

t.test('given an error that is about one process alone, it is not shared', async (t) => {
  t.equal(writeSharedError(new DashcacheError('service_overloaded')), null);
});

t.test('given what cannot be read, it is an error all the same', async (t) => {
  for (const text of ['', 'no json', 'null', '{}', '{"code":"of_another_version"}', '{"code":"toString"}'])
    t.match(readSharedError(text), { code: 'internal' }, text);
});
