// Asks one address as fast as it is answered, over connections that are kept, one request at a time on each: a process of its own.
import { connect, type Socket } from 'node:net';

/** What is asked, and for how long; the only argument, as JSON. */
export interface LoadPlan {
  readonly port: number;
  /** Each connection sends these in turn, each from another one on: no two ask the same at the same time where there are enough. */
  readonly requests: readonly string[];
  readonly connectionsCount: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Not where others need the core. */
  readonly staysAwake: boolean;
}

/** What came of it; printed as JSON. */
export interface Load {
  readonly perSecondCount: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of one answer, the last that was read. */
  readonly bodyBytes: number;
}

const EMPTY = Buffer.alloc(0);
/** Of a body in chunks; nothing else is sent after it before the next request. */
const CHUNKS_END = Buffer.from('0\r\n\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Digits of a status in bytes, e.g. 200. */
const STATUS_AT = 9;
const DIGIT_0 = 0x30;

type Answered = (status: number, bodyBytes: number) => void;

/** One connection. An answer that comes in one piece, as long as the one before, is not looked into: whoever asks must have less to do than whoever answers. */
class Asker {
  readonly #socket: Socket;
  readonly #requests: readonly Buffer[];
  readonly #answered: Answered;
  #next: number;
  /** Of the answer that is being read, without its body; null: its head is complete. */
  #head: Buffer | null = EMPTY;
  #leftBytes = 0;
  #status = 0;
  #bodyBytes = 0;
  #isChunked = false;
  /** Of the last answer with its head, if it came in one piece. */
  #wholeBytes = -1;

  constructor(
    port: number,
    { requests, first }: { requests: readonly Buffer[]; first: number },
    answered: Answered,
  ) {
    this.#requests = requests;
    this.#next = first;
    this.#answered = answered;
    this.#socket = connect(port, '127.0.0.1', () => this.#ask());
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#take(chunk));
  }

  end(): void {
    this.#socket.destroy();
  }

  #ask(): void {
    const request = this.#requests[this.#next];
    this.#next = (this.#next + 1) % this.#requests.length;
    if (request) this.#socket.write(request);
  }

  #take(chunk: Buffer): void {
    if (this.#head === null) this.#takeBody(chunk);
    else if (chunk.length === this.#wholeBytes && this.#head.length === 0) this.#status = statusOf(chunk);
    else if (!this.#takeHead(chunk)) return;
    if (this.#leftBytes > 0) return;
    this.#head = EMPTY;
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

function run({ port, requests, connectionsCount, warmUpMs, measuredMs }: LoadPlan): void {
  const statuses = new Map<number, number>();
  let isMeasured = false;
  let bodyBytes = 0;
  const bytes = requests.map((request) => Buffer.from(request, 'latin1'));
  const answered: Answered = (status, length) => {
    if (!isMeasured) return;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    bodyBytes = length;
  };
  const askers = Array.from({ length: connectionsCount }, (_, i) => {
    const first = Math.floor((i * bytes.length) / connectionsCount);
    return new Asker(port, { requests: bytes, first }, answered);
  });
  setTimeout(() => {
    isMeasured = true;
    const startedMs = performance.now();
    setTimeout(() => {
      const seconds = (performance.now() - startedMs) / 1000;
      for (const asker of askers) asker.end();
      const count = [...statuses.values()].reduce((sum, each) => sum + each, 0);
      const load: Load = {
        perSecondCount: count / seconds,
        statuses: Object.fromEntries(statuses),
        bodyBytes,
      };
      process.stdout.write(JSON.stringify(load), () => process.exit());
    }, measuredMs);
  }, warmUpMs);
}

/** Whoever sleeps has to be woken by whoever answers, which costs that one more than the answer: so nobody sleeps here. */
function stayAwake(): void {
  setImmediate(stayAwake);
}

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan;
if (plan.staysAwake) stayAwake();
run(plan);
