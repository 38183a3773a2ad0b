import { createHash, randomBytes } from 'node:crypto';

export const ROOT_BYTES = 16;
export const GENERATION_HALF_BYTES = 8;
/** Characters of a digest: 132 bits. */
export const DIGEST_LENGTH = 22;

/** The random version of a tag, as hex text: a purge replaces both halves, an expire the second alone. */
export interface Generation {
  readonly purge: string;
  readonly expire: string;
}

/** What an entry was loaded under: the root, and the generation of each of its tags in the order of the key's tag list. */
export interface Stamp {
  readonly root: string;
  readonly generations: readonly Generation[];
}

/** Random, never a counter or a clock: a value that was lost can not come back by counting (invariant 3). */
export function newRoot(): string {
  return randomBytes(ROOT_BYTES).toString('hex');
}

export function newGeneration(): Generation {
  return { purge: newHalf(), expire: newHalf() };
}

export function newHalf(): string {
  return randomBytes(GENERATION_HALF_BYTES).toString('hex');
}

/** Under which a process is known to others; another one for each life of it. */
export function newProcessId(): string {
  return randomBytes(GENERATION_HALF_BYTES).toString('hex');
}

/** A stamp as it is told to Redis. */
interface ToldStamp {
  readonly root: string;
  readonly digest: string;
  readonly rootBytes: Buffer;
  readonly generationsBytes: Buffer;
}

/** Every question of layer two tells one, and mostly the same. */
const told = new WeakMap<Stamp['generations'], ToldStamp>();

function toldOf({ root, generations }: Stamp): ToldStamp {
  const known = told.get(generations);
  if (known?.root === root) return known;
  const text = generations.map(({ purge, expire }) => purge + expire).join('');
  const digest = createHash('sha256')
    .update(root + text)
    .digest('base64url')
    .slice(0, DIGEST_LENGTH);
  const made = {
    root,
    digest,
    rootBytes: Buffer.from(root, 'hex'),
    generationsBytes: Buffer.from(text, 'hex'),
  };
  told.set(generations, made);
  return made;
}

/** Equal for equal stamps alone: says in few bytes under which generations a load runs. */
export function digestOf(stamp: Stamp): string {
  return toldOf(stamp).digest;
}

/** Root and generations of a stamp as they stand in a frame. */
export function stampBytes(stamp: Stamp): { root: Buffer; generations: Buffer } {
  const { rootBytes, generationsBytes } = toldOf(stamp);
  return { root: rootBytes, generations: generationsBytes };
}
