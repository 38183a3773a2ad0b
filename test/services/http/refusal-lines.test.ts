import t from 'tap';
import { RefusalLines } from '../../../services/http/refusal-lines.js';

t.test(
  'given refusals for overload, the first of each code and second is told, with those left out',
  async (t) => {
    let nowMs = 0;
    const lines = new RefusalLines(() => nowMs);
    t.equal(lines.tell('service_overloaded'), 0);
    t.equal(lines.tell('source_overloaded'), 0);
    nowMs = 999;
    for (let i = 0; i < 500; i++) t.equal(lines.tell('service_overloaded'), null);
    nowMs = 1000;
    t.equal(lines.tell('service_overloaded'), 500);
    t.equal(lines.tell('source_overloaded'), 0);
    t.equal(lines.tell('service_overloaded'), null);
  },
);

t.test('given any other fault, each is told', async (t) => {
  const lines = new RefusalLines();
  t.same([lines.tell('source_down'), lines.tell('source_down')], [0, 0]);
});
