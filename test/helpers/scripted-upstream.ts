import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, createBrotliCompress, createGzip, gzipSync } from 'node:zlib';
import type { Barrier } from './barrier.js';
import type { Lifetime } from './lifetime.js';

/** One request as the upstream got it. */
export interface UpstreamRequest {
  readonly method: string;
  /** As it was sent, with the query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
}

/** Answers one request; whatever it throws or leaves open is the client's problem. */
export type UpstreamReply = (request: UpstreamRequest, response: ServerResponse) => unknown;

type Headers = Readonly<Record<string, string>>;

export interface ScriptedUpstream {
  /** http://127.0.0.1:port */
  readonly url: string;
  /** Every request, in order. */
  readonly asked: readonly UpstreamRequest[];
  /** Requests under way. */
  readonly openCount: number;
  /** Connections made so far. */
  readonly connectionsCount: number;
  /** The replies of a path, without its query, one after the other; the last one stays. Counting begins anew. */
  on(path: string, ...replies: readonly UpstreamReply[]): void;
  /** Requests of a path. */
  callsOf(path: string): number;
  /** Whether every request has ended, waiting a moment for what has been hung up. */
  isIdle(): Promise<boolean>;
  /** Takes its port away: whoever asks now is refused. */
  stop(): Promise<void>;
}

/** A real HTTP server that says what the test scripts, until the test ends. A path without a script is a 404. */
export async function scriptedUpstream(t: Lifetime): Promise<ScriptedUpstream> {
  const upstream = await startScriptedUpstream();
  t.teardown(() => upstream.stop());
  return upstream;
}

/** The same until it is stopped. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const upstream = new Upstream();
  await upstream.listen();
  return upstream;
}

class Upstream implements ScriptedUpstream {
  url = '';
  readonly asked: UpstreamRequest[] = [];
  openCount = 0;
  connectionsCount = 0;
  readonly #replies = new Map<string, { readonly replies: readonly UpstreamReply[]; nextIndex: number }>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    const hungUp = new AbortController();
    this.openCount++;
    response.on('close', () => {
      this.openCount--;
      hungUp.abort();
    });
    response.on('error', () => {});
    const { method = '', url: target = '', headers } = request;
    const asked = { method, target, headers, signal: hungUp.signal };
    this.asked.push(asked);
    Promise.resolve(this.#replyOf(target)(asked, response)).catch(() => response.destroy());
  });

  async listen(): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.connectionsCount++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  on(path: string, ...replies: readonly UpstreamReply[]): void {
    this.#replies.set(path, { replies, nextIndex: 0 });
  }

  callsOf(path: string): number {
    return this.asked.filter(({ target }) => pathOf(target) === path).length;
  }

  async isIdle(): Promise<boolean> {
    for (let i = 0; i < 100 && this.openCount > 0; i++) await sleep(10);
    return this.openCount === 0;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #replyOf(target: string): UpstreamReply {
    const script = this.#replies.get(pathOf(target));
    const reply = script?.replies[Math.min(script.nextIndex, script.replies.length - 1)];
    if (!script || !reply) return answer({ status: 404, body: 'not scripted' });
    script.nextIndex++;
    return reply;
  }
}

/** A whole answer, by default of JSON. */
export function answer({
  status = 200,
  headers = {},
  body = '',
}: {
  status?: number;
  headers?: Headers;
  body?: string | Buffer;
}): UpstreamReply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

export function json(value: unknown, headers: Headers = {}): UpstreamReply {
  return answer({ body: JSON.stringify(value), headers });
}

/** An answer with a tag, confirmed by a 304 to whoever has it. */
export function renewable(value: unknown, etag: string, headers: Headers = {}): UpstreamReply {
  return (request, response) => {
    const isKnown = request.headers['if-none-match'] === etag;
    const reply = isKnown
      ? answer({ status: 304, headers: { etag, ...headers } })
      : json(value, { etag, ...headers });
    return reply(request, response);
  };
}

/** Compressed, with the coding's name. */
export function coded(coding: 'br' | 'gzip', body: string | Buffer): UpstreamReply {
  const bytes = coding === 'br' ? brotliCompressSync(body) : gzipSync(body);
  return answer({ headers: { 'content-encoding': coding }, body: bytes });
}

/** So many bytes of JSON white space and one number, made without ever holding them: a few bytes that unpack to megabytes. */
export async function bomb(coding: 'br' | 'gzip', decodedBytes: number): Promise<UpstreamReply> {
  return answer({ headers: { 'content-encoding': coding }, body: await bombBytes(coding, decodedBytes) });
}

export function bombBytes(coding: 'br' | 'gzip', decodedBytes: number): Promise<Buffer> {
  const block = Buffer.alloc(64 * 1024, ' ');
  const blocks = function* (): Generator<Buffer> {
    for (let sent = 0; sent < decodedBytes; sent += block.length) yield block;
    yield Buffer.from('1');
  };
  const params = { [constants.BROTLI_PARAM_QUALITY]: 3 };
  const coder = coding === 'br' ? createBrotliCompress({ params }) : createGzip({ level: 3 });
  return buffer(Readable.from(blocks()).pipe(coder));
}

/** Announces all of a body, sends so many bytes of it and hangs up. */
export function cut(body: string | Buffer, sentBytes: number, headers: Headers = {}): UpstreamReply {
  return (_request, response) => {
    const bytes = Buffer.from(body);
    const announced = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
    response.writeHead(200, { ...announced, ...headers });
    response.write(bytes.subarray(0, sentBytes), () => response.destroy());
  };
}

/** The same without an announced length: only the missing last chunk tells. */
export function cutChunked(body: string): UpstreamReply {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(body, () => response.destroy());
  };
}

/** One byte after the other, each after a pause, until the client hangs up. */
export function drip(body: string, everyMs: number): UpstreamReply {
  return async ({ signal }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const char of body) {
      if (signal.aborted) return;
      response.write(char);
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
    response.end();
  };
}

/** The same bytes again and again, as fast as they are read, until the client hangs up. */
export function endless(first: string, again: string): UpstreamReply {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const block = again.repeat(Math.ceil(16_384 / again.length));
    const forever = function* (): Generator<string> {
      yield first;
      for (;;) yield block;
    };
    return pipeline(Readable.from(forever()), response);
  };
}

/** Never says anything. */
export const hang: UpstreamReply = () => {};

/** Hangs up without a word. */
export const reset: UpstreamReply = (_request, response) => {
  response.destroy();
};

/** Says something that is no HTTP. */
export const garbage: UpstreamReply = (_request, response) => {
  response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n');
};

export function redirect(location: string, status = 302): UpstreamReply {
  return answer({ status, headers: { location } });
}

/** Another reply, once the test opens the barrier. */
export function held(barrier: Barrier, reply: UpstreamReply): UpstreamReply {
  return async (request, response) => {
    await barrier.pass();
    return reply(request, response);
  };
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
