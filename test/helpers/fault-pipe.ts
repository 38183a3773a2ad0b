import type { Socket } from 'node:net';

/** What one direction of all connections does to what comes; read anew for every piece. */
export interface PipeFaults {
  /** Nothing passes; what came is kept and passes when this ends, as TCP would send it again. */
  isBlocked: boolean;
  delayMs: number;
  /** Infinity: as fast as it comes. */
  bytesPerSecond: number;
  /** The first pipe with something to pass takes it, and is reset when so many bytes have passed. */
  truncation: { leftCount: number; by: FaultPipe | null } | null;
}

export function noFaults(): PipeFaults {
  return { isBlocked: false, delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, truncation: null };
}

/** Beyond this the sender has to wait, as with a full TCP window. */
const HELD_MAX_BYTES = 1024 * 1024;
/** A throttled direction passes its bytes in pieces, so many a second. */
const PIECES_PER_SECOND = 50;

type Piece = Buffer | 'end' | 'reset';

/** One direction of a proxied connection: what comes passes in order, late, slowly or not at all. */
export class FaultPipe {
  readonly #from: Socket;
  readonly #to: Socket;
  #faults: PipeFaults;
  readonly #reset: () => void;
  #held: { piece: Piece; dueMs: number }[] = [];
  #heldBytes = 0;
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: { from: Socket; to: Socket; faults: PipeFaults; reset: () => void }) {
    this.#from = options.from;
    this.#to = options.to;
    this.#faults = options.faults;
    this.#reset = options.reset;
    this.#from.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#from.on('end', () => this.#take('end'));
    this.#from.on('error', () => this.#take('reset'));
    this.#to.on('drain', () => this.pump());
  }

  /** Other faults from now on. */
  suffer(faults: PipeFaults): void {
    this.#faults = faults;
  }

  /** What is held has waited long enough, whatever the delay was. */
  hurry(): void {
    for (const one of this.#held) one.dueMs = 0;
    this.#freeAtMs = 0;
    this.pump();
  }

  close(): void {
    this.#isClosed = true;
    this.#held = [];
    if (this.#timer) clearTimeout(this.#timer);
  }

  #take(piece: Piece): void {
    if (this.#isClosed) return;
    this.#held.push({ piece, dueMs: performance.now() + this.#faults.delayMs });
    this.#heldBytes += sizeOf(piece);
    if (this.#heldBytes >= HELD_MAX_BYTES) this.#from.pause();
    this.pump();
  }

  /** Passes what may pass now; to be called when the faults have changed. */
  pump(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#faults.isBlocked && !this.#to.writableNeedDrain) {
      const next = this.#held[0];
      if (!next) break;
      const waitMs = Math.max(next.dueMs, this.#freeAtMs) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        this.#timer.unref();
        break;
      }
      next.piece = this.#pass(next.piece);
      if (sizeOf(next.piece) === 0) this.#held.shift();
    }
    if (this.#heldBytes < HELD_MAX_BYTES) this.#from.resume();
  }

  /** What of it is still to pass. */
  #pass(piece: Piece): Piece {
    if (piece === 'end') this.#to.end();
    if (piece === 'reset') this.#reset();
    if (typeof piece === 'string') return piece;
    const { bytesPerSecond, truncation } = this.#faults;
    const passing = piece.subarray(0, Math.max(1, Math.floor(bytesPerSecond / PIECES_PER_SECOND)));
    this.#heldBytes -= passing.length;
    if (truncation) truncation.by ??= this;
    if (truncation?.by === this) {
      if (passing.length >= truncation.leftCount) return this.#truncate(passing, truncation.leftCount);
      truncation.leftCount -= passing.length;
    }
    // The other end may have gone meanwhile: then there is nobody to pass it to.
    if (this.#to.writable) this.#to.write(passing);
    this.#freeAtMs = performance.now() + (passing.length / bytesPerSecond) * 1000;
    return piece.subarray(passing.length);
  }

  #truncate(passing: Buffer, leftCount: number): Piece {
    this.#faults.truncation = null;
    this.close();
    // A reset at once would overtake the bytes before it.
    this.#to.write(passing.subarray(0, leftCount), () => this.#reset());
    return 'end';
  }
}

function sizeOf(piece: Piece): number {
  return typeof piece === 'string' ? 0 : piece.length;
}
