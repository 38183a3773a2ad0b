import t from 'tap';
import { fieldValues } from '../../../services/http/field-values.js';

t.test(
  'every value of a field is found, in any case of its name, in the order in which they came',
  async (t) => {
    const raw = ['X-Api-Key', 'a', 'Host', 'x-api-key', 'x-api-key', 'b', 'X-API-KEYS', 'c', 'X-API-KEY', ''];
    t.same(fieldValues(raw, 'x-api-key'), ['a', 'b', '']);
    t.same(fieldValues(raw, 'host'), ['x-api-key']);
    t.same(fieldValues(raw, 'authorization'), []);
  },
);
