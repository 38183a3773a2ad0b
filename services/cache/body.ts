import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** How bytes are coded, by their names in Accept-Encoding. */
export type Coding = 'identity' | 'br' | 'gzip';

/** Bodies up to this size are sent as they are: coding them would save less than a packet. */
export const CODED_FROM_BYTES = 1024;

/** How much larger gzip is than br on result JSON, rounded up: only to weigh what is not made yet. */
const GZIP_TO_BR = 1.5;

/** Quality 4 is where brotli's gain per millisecond bends; 9 and more never belongs in a request. */
const BROTLI_OPTIONS = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

const brotliCompress = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
const brotliDecompress = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);
const gzip = promisify<Buffer, Buffer>(zlib.gzip);

/** The bytes of one answer in each of its codings. A missing coding is made once, on the thread pool, when first asked for. */
export class Body {
  readonly identityBytes: number;
  // Fields, for every entry has them: a Map takes more than all else that is made for one, and an object that is written out here would soon
  // be made in the old generation of the heap, since the first ones stayed.
  #identity: Buffer | undefined;
  #br: Buffer | undefined;
  #gzip: Buffer | undefined;
  #making: Map<Coding, Promise<Buffer>> | null = null;

  constructor(coding: Coding, bytes: Buffer, identityBytes: number) {
    this.identityBytes = identityBytes;
    this.#hold(coding, alone(bytes));
  }

  static of(identity: Buffer): Body {
    return new Body('identity', identity, identity.length);
  }

  /** Whether codings other than identity are offered. */
  get isCoded(): boolean {
    return this.identityBytes > CODED_FROM_BYTES;
  }

  /** Bytes once every coding is made: an entry from layer two grows as readers ask, so it is weighed at its full size. */
  get fullBytes(): number {
    if (!this.isCoded) return this.identityBytes;
    const br = this.#br?.length ?? 0;
    const gzipped = this.#gzip?.length ?? Math.ceil(br * GZIP_TO_BR);
    return this.identityBytes + br + gzipped;
  }

  /** The bytes if that coding is at hand: what a hit sends without any work. */
  ready(coding: Coding): Buffer | undefined {
    if (coding === 'br') return this.#br;
    return coding === 'gzip' ? this.#gzip : this.#identity;
  }

  /** The bytes in that coding; rejects when the held bytes do not decompress to the length they claim. */
  bytes(coding: Coding): Promise<Buffer> | Buffer {
    const made = this.ready(coding);
    if (made) return made;
    this.#making ??= new Map();
    const underWay = this.#making;
    let making = underWay.get(coding);
    if (!making) {
      making = this.#make(coding).finally(() => underWay.delete(coding));
      underWay.set(coding, making);
    }
    return making;
  }

  async #make(coding: Coding): Promise<Buffer> {
    const made = alone(
      coding === 'identity' ? await this.#decode() : await encode(coding, await this.bytes('identity')),
    );
    this.#hold(coding, made);
    return made;
  }

  #hold(coding: Coding, bytes: Buffer): void {
    if (coding === 'br') this.#br = bytes;
    else if (coding === 'gzip') this.#gzip = bytes;
    else this.#identity = bytes;
  }

  async #decode(): Promise<Buffer> {
    const coded = this.#br;
    if (!coded) throw new Error('A body holds neither its identity nor its br bytes');
    // 304 bytes of brotli can hold 200 MB: never more than the length written beside them.
    const identity = await brotliDecompress(coded, { maxOutputLength: Math.max(this.identityBytes, 1) });
    if (identity.length !== this.identityBytes)
      throw new Error('A body is shorter than the length written beside it');
    return identity;
  }
}

function encode(coding: 'br' | 'gzip', identity: Buffer): Promise<Buffer> {
  return coding === 'br' ? brotliCompress(identity, BROTLI_OPTIONS) : gzip(identity);
}

/**
 * Kept bytes must keep nothing else alive: small buffers lie in a pool of 8 KiB, a compressor's output in 16 KiB, what came
 * from a socket in its whole chunk, and none of that would be weighed.
 */
function alone(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
