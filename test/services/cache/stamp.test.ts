import t from 'tap';
import {
  GENERATION_HALF_BYTES,
  newGeneration,
  newHalf,
  newProcessId,
  newRoot,
  ROOT_BYTES,
} from '../../../services/cache/stamp.js';

t.test('given roots and generations, they are random hex of the length that frames hold', async (t) => {
  t.match(newRoot(), new RegExp(`^[0-9a-f]{${ROOT_BYTES * 2}}$`));
  t.match(newHalf(), new RegExp(`^[0-9a-f]{${GENERATION_HALF_BYTES * 2}}$`));
  const { purge, expire } = newGeneration();
  t.match(purge, new RegExp(`^[0-9a-f]{${GENERATION_HALF_BYTES * 2}}$`));
  t.not(purge, expire);
});

t.test('given many of them, none comes twice', async (t) => {
  const made = Array.from({ length: 10_000 }, () => newHalf());
  t.equal(new Set(made).size, made.length);
  t.not(newRoot(), newRoot());
  t.not(newProcessId(), newProcessId());
});
