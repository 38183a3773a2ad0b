import t from 'tap';
import { lengthInWords } from '../../../services/explain/length-in-words.js';

const LENGTHS: readonly [ms: number, words: string][] = [
  [0, '0 ms'],
  [-5, '0 ms'],
  [999.4, '999 ms'],
  [1000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [250_000, '4 min 10 s'],
  [3_600_000, '1 h'],
  [3_605_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [183_600_000, '2 d 3 h'],
  [172_805_000, '2 d'],
];
for (const [ms, words] of LENGTHS)
  t.test(`${ms} ms are ${words}`, async (t) => {
    t.equal(lengthInWords(ms), words);
  });
