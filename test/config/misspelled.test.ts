import fc from 'fast-check';
import t from 'tap';
import { editDistance, misspelled } from '../../config/misspelled.js';

t.test('the nearest of several names is proposed', (t) => {
  t.match(misspelled(['METRICS_TIMEOUTT'], new Set(['METRICS_TIMEOUX', 'METRICS_TIMEOUT'])), [
    /; METRICS_TIMEOUT was/,
  ]);
  t.end();
});

t.test('names too short or too far are left alone', (t) => {
  t.same(misspelled(['POST', 'HOSTS', 'REDIS_PORT'], new Set(['PORT', 'HOST', 'REDIS_URL'])), []);
  t.end();
});

t.test('the distance is 0 for equal names, equal both ways, and 1 for one letter', (t) => {
  const name = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(name, name, fc.nat(), (one, other, at) => {
      const cut = at % (one.length + 1);
      const longer = `${one.slice(0, cut)}x${one.slice(cut)}`;
      return (
        editDistance(one, one) === 0 &&
        editDistance(one, other) === editDistance(other, one) &&
        editDistance(one, longer) === 1
      );
    }),
  );
  t.end();
});
