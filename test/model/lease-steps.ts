import type { Has } from './protocol-guards.js';
import { isSame, loadsTwice } from './protocol-scripts.js';
import { type Lease, NO_STAMP, type Process, type Reader, type Stamp, type State } from './protocol-state.js';

/** Whoever meets loads of other generations so often loads alone: he never loops. */
const OVERTAKES_MAX_COUNT = 2;

/** The second half of the script that asks: the lease is free, or may be taken over; else the reader has met its holder. */
export function takeLease(
  next: State,
  at: { process: Process; reader: Reader; proves: (reader: Reader) => Reader },
  has: Has,
): { isLeased: boolean; wrong: string | null } {
  const { process, reader, proves } = at;
  const { lease } = next.redis;
  const isAny = reader.overtake !== 0 && !has('takeOverIsExact');
  if (lease && lease.token !== reader.overtake && !isAny) {
    process.reader = isSame(lease, reader.proof) ? proves(reader) : meet(lease, reader, has);
    return { isLeased: false, wrong: null };
  }
  const token = next.nextValue++;
  next.redis.lease = { ...reader.proof, token };
  process.reader = { ...reader, phase: 'queries', token, overtake: 0 };
  return { isLeased: true, wrong: loadsTwice(next) };
}

/** Of other generations: one of both is behind. Only a look says who. */
function meet(lease: Lease, reader: Reader, has: Has): Reader {
  if (reader.metCount === OVERTAKES_MAX_COUNT) return { ...reader, phase: 'queries', overtake: 0 };
  const metCount = reader.metCount + 1;
  if (!has('takeOverLooksFirst')) return { ...reader, metCount, overtake: lease.token };
  return { ...reader, phase: 'looks', proof: NO_STAMP, met: lease, metCount };
}

/** After that look: the holder is behind if his generations are still others, because they were read before it. */
export function afterLook(reader: Reader, proof: Stamp, has: Has): Reader {
  const { met } = reader;
  const isBehind = met && !(isSame(met, proof) && has('takeOverOnlyBehind'));
  return { ...reader, phase: 'asks', proof, met: null, overtake: isBehind ? met.token : 0 };
}
