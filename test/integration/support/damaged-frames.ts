import { crc32 } from 'node:zlib';
import type { FrameFault } from '../../../services/cache/observer.js';
import type { SeededRandom } from '../../helpers/seeded-random.js';

/** A frame of layer two and the same of another tenant. */
export interface Pair {
  readonly own: Buffer;
  readonly other: Buffer;
}

/** What became of a frame, and what must be said of it. */
export interface Damage {
  readonly frame: Buffer;
  readonly fault: FrameFault;
}

/** Byte offsets of the format, said once more by hand: only so does the test know what a flipped bit hits. */
const VERSION_AT = 4;
const CODING_AT = 5;
const GENERATIONS_COUNT_AT = [6, 8] as const;
const KEY_AT = [8, 40] as const;
const BODY_BYTES_AT = [148, 152] as const;
const CHECKSUM_AT = 152;
const HEAD_BYTES = 156;

/** Every way in which a frame is damaged here. */
export const DAMAGES = {
  'a flipped bit': ({ own }, random) => {
    const at = random.between(0, own.length - 1);
    return { frame: flipped(own, at, random.between(0, 7)), fault: faultOfFlip(at) };
  },
  'a flipped bit in its head': ({ own }, random) => {
    const at = random.between(0, HEAD_BYTES - 1);
    return { frame: flipped(own, at, random.between(0, 7)), fault: faultOfFlip(at) };
  },
  'the frame of another tenant': ({ other }) => ({ frame: other, fault: 'key' }),
  'the frame of another tenant under the name of its own': ({ own, other }) => {
    const frame = Buffer.from(other);
    own.copy(frame, KEY_AT[0], ...KEY_AT);
    return { frame: sealed(frame), fault: 'tenant' };
  },
  'a frame cut short': ({ own }, random) => {
    const length = random.between(1, own.length - 1);
    return { frame: own.subarray(0, length), fault: length < HEAD_BYTES ? 'magic' : 'length' };
  },
  'a frame of a newer format': ({ own }, random) => {
    const more = Buffer.from('what a newer format has more'.repeat(random.between(0, 2)));
    const frame = Buffer.concat([own, more]);
    frame[VERSION_AT] = random.between(2, 255);
    return { frame: sealed(frame), fault: 'version' };
  },
  'a body of an unknown coding': ({ own }, random) => {
    const frame = Buffer.from(own);
    frame[CODING_AT] = random.between(2, 255);
    return { frame: sealed(frame), fault: 'body' };
  },
  'something that is no frame': (_, random) => ({
    frame: Buffer.from(Array.from({ length: random.between(1, 400) }, () => random.between(0, 99))),
    fault: 'magic',
  }),
} satisfies Record<string, (pair: Pair, random: SeededRandom) => Damage>;

function flipped(frame: Buffer, at: number, bit: number): Buffer {
  const damaged = Buffer.from(frame);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
  return damaged;
}

function faultOfFlip(at: number): FrameFault {
  const isIn = ([from, to]: readonly [number, number]) => at >= from && at < to;
  if (at < VERSION_AT) return 'magic';
  if (at === VERSION_AT) return 'version';
  return isIn(GENERATIONS_COUNT_AT) || isIn(BODY_BYTES_AT) ? 'length' : 'checksum';
}

/** With a checksum that fits: what is wrong with it must be found by itself. */
function sealed(frame: Buffer): Buffer {
  const checksum = crc32(frame.subarray(CHECKSUM_AT + 4), crc32(frame.subarray(0, CHECKSUM_AT)));
  frame.writeUInt32BE(checksum, CHECKSUM_AT);
  return frame;
}
