// Asks several addresses in turns as fast as they are answered, over connections that are kept, one request at a time on each: a process of its own.
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is asked, and for how long; read from stdin, as JSON. */
export interface LoadPlan {
  readonly sides: readonly {
    readonly port: number;
    /** Each connection sends these in turn, each from another one on. */
    readonly requests: readonly string[];
    /** Each connection has its own of them, at least one: no two ever ask the same. Of one list for all, those who come after another are answered sooner, out of memory, catch up, and all ask the same in the end. */
    readonly areOwn: boolean;
  }[];
  /** To each side. */
  readonly connectionsCount: number;
  readonly warmUpMs: number;
  /** Short ones, so that all sides meet the same machine. */
  readonly slicesCount: number;
  readonly sliceMs: number;
  /** Not where others need the core. */
  readonly staysAwake: boolean;
}

/** What came of it, side by side; printed as JSON. */
export interface Load {
  /** Of each slice. */
  readonly perSecondCounts: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Of one answer, the last that was read. */
  readonly bodyBytes: number;
}

/** In turns from the start: who was idle for a minute collects its garbage for a while as if it had hardly any memory. */
const WARM_UP_TURN_MS = 2000;
/** Until all connections are under way again. */
const SETTLING_MS = 20;

const EMPTY = Buffer.alloc(0);
/** Of a body in chunks; nothing else is sent after it before the next request. */
const CHUNKS_END = Buffer.from('0\r\n\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Digits of a status in bytes, e.g. 200. */
const STATUS_AT = 9;
const DIGIT_0 = 0x30;

type Answered = (status: number, bodyBytes: number) => void;

/** One connection, which asks as long as it is told to. An answer that comes in one piece, as long as the one before, is not looked into: whoever asks must have less to do than whoever answers. */
class Asker {
  readonly #port: number;
  readonly #requests: readonly Buffer[];
  readonly #answered: Answered;
  /** Opened for the first question: a server lets go of who says nothing. */
  #socket: Socket | null = null;
  #next = 0;
  #isAsking = false;
  #isWaiting = false;
  /** Of the answer that is being read, without its body; null: its head is complete. */
  #head: Buffer | null = EMPTY;
  #leftBytes = 0;
  #status = 0;
  #bodyBytes = 0;
  #isChunked = false;
  /** Of the last answer with its head, if it came in one piece. */
  #wholeBytes = -1;

  constructor(port: number, requests: readonly Buffer[], answered: Answered) {
    this.#requests = requests;
    this.#answered = answered;
    this.#port = port;
  }

  /** Whether an answer is still to come. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  begin(): void {
    this.#isAsking = true;
    // Some let go of who has not asked for a while.
    if (!this.#socket || this.#socket.destroyed) this.#socket = this.#connected();
    this.#ask();
  }

  pause(): void {
    this.#isAsking = false;
  }

  #connected(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('close', () => {
      if (this.#isWaiting) throw new Error(`A connection to ${this.#port} was closed before its answer`);
    });
    return socket;
  }

  #ask(): void {
    if (!this.#isAsking) return;
    this.#isWaiting = true;
    const request = this.#requests[this.#next];
    this.#next = (this.#next + 1) % this.#requests.length;
    if (request) this.#socket?.write(request);
  }

  #take(chunk: Buffer): void {
    if (this.#head === null) this.#takeBody(chunk);
    else if (chunk.length === this.#wholeBytes && this.#head.length === 0) this.#status = statusOf(chunk);
    else if (!this.#takeHead(chunk)) return;
    if (this.#leftBytes > 0) return;
    this.#head = EMPTY;
    this.#isWaiting = false;
    this.#answered(this.#status, this.#bodyBytes);
    this.#ask();
  }

  #takeHead(chunk: Buffer): boolean {
    const before = this.#head ?? EMPTY;
    const head = before.length > 0 ? Buffer.concat([before, chunk]) : chunk;
    const at = head.indexOf(HEAD_END);
    this.#head = at < 0 ? head : null;
    if (at < 0) return false;
    this.#status = statusOf(head);
    const text = head.toString('latin1', 0, at);
    this.#isChunked = /\r\ntransfer-encoding: chunked/i.test(text);
    this.#bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
    const rest = head.subarray(at + HEAD_END.length);
    this.#leftBytes = this.#isChunked ? 1 : this.#bodyBytes;
    this.#takeBody(rest);
    this.#wholeBytes = this.#leftBytes === 0 && before.length === 0 && !this.#isChunked ? head.length : -1;
    return true;
  }

  #takeBody(chunk: Buffer): void {
    if (!this.#isChunked) {
      this.#leftBytes -= chunk.length;
      return;
    }
    this.#bodyBytes += chunk.length;
    if (chunk.subarray(-CHUNKS_END.length).equals(CHUNKS_END)) this.#leftBytes = 0;
  }
}

function statusOf(head: Buffer): number {
  const digit = (at: number) => (head[STATUS_AT + at] ?? 0) - DIGIT_0;
  return 100 * digit(0) + 10 * digit(1) + digit(2);
}

/** All connections to one side. */
class Asking {
  readonly #askers: readonly Asker[];
  readonly #statuses = new Map<number, number>();
  readonly #perSecondCounts: number[] = [];
  #count = 0;
  #bodyBytes = 0;

  constructor({ port, requests, areOwn }: LoadPlan['sides'][number], connectionsCount: number) {
    const bytes = requests.map((request) => Buffer.from(request, 'latin1'));
    const answered: Answered = (status, length) => {
      this.#count++;
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
      this.#bodyBytes = length;
    };
    this.#askers = Array.from({ length: connectionsCount }, (_, i) => {
      const first = Math.floor((i * bytes.length) / connectionsCount);
      const asked = areOwn
        ? bytes.filter((_, at) => at % connectionsCount === i)
        : [...bytes.slice(first), ...bytes.slice(0, first)];
      return new Asker(port, asked, answered);
    });
  }

  get load(): Load {
    return {
      perSecondCounts: this.#perSecondCounts,
      statuses: Object.fromEntries(this.#statuses),
      bodyBytes: this.#bodyBytes,
    };
  }

  async warmUp(warmUpMs: number): Promise<void> {
    await this.#during(() => sleep(warmUpMs));
  }

  async slice(sliceMs: number): Promise<void> {
    await this.#during(async () => {
      await sleep(SETTLING_MS);
      const startedMs = performance.now();
      const before = this.#count;
      await sleep(sliceMs);
      const seconds = (performance.now() - startedMs) / 1000;
      this.#perSecondCounts.push((this.#count - before) / seconds);
    });
  }

  /** Nobody else is asked until all have their answers. */
  async #during(measured: () => Promise<unknown>): Promise<void> {
    for (const asker of this.#askers) asker.begin();
    await measured();
    for (const asker of this.#askers) asker.pause();
    while (this.#askers.some(({ isWaiting }) => isWaiting)) await sleep(1);
  }
}

async function run({ sides, connectionsCount, warmUpMs, slicesCount, sliceMs }: LoadPlan): Promise<void> {
  const askings = sides.map((side) => new Asking(side, connectionsCount));
  for (let warmMs = 0; warmMs < warmUpMs; warmMs += WARM_UP_TURN_MS)
    for (const asking of askings) await asking.warmUp(Math.min(WARM_UP_TURN_MS, warmUpMs - warmMs));
  for (let slice = 0; slice < slicesCount; slice++)
    // Who comes first meets another machine than who comes last.
    for (const asking of slice % 2 === 0 ? askings : [...askings].reverse()) await asking.slice(sliceMs);
  process.stdout.write(JSON.stringify(askings.map(({ load }) => load)), () => process.exit());
}

/** Whoever sleeps has to be woken by whoever answers, which costs that one more than the answer: so nobody sleeps here. */
function stayAwake(): void {
  setImmediate(stayAwake);
}

const plan = JSON.parse(await text(process.stdin)) as LoadPlan;
if (plan.staysAwake) stayAwake();
await run(plan);
