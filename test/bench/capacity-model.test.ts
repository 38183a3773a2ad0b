import t from 'tap';
import { fitLines } from '../../bench/capacity-model.js';

t.test('given figures on a line, it is found, and its error is that of the one held out', async (t) => {
  const measured = [1, 2, 3].map((processesCount) => ({
    processesCount,
    figures: { looks: 10 + 4 * processesCount, bytes: processesCount === 3 ? 125 : 100 },
  }));
  const [looks, bytes] = fitLines(measured, { looks: 1 });
  t.match(looks, { atZero: 10, perProcess: 4, heldOut: { measured: 22, predicted: 22, errorShare: 0 } });
  t.match(bytes, { atZero: 100, perProcess: 0, heldOut: { measured: 125, predicted: 100, errorShare: 0.2 } });
});

t.test('given too little to fit and to hold out, it says so', async (t) => {
  t.throws(() => fitLines([{ processesCount: 1, figures: {} }], {}), { message: /two measurements/ });
});
