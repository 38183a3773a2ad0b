import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface AskOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, else as JSON; application/json unless the headers say otherwise. */
  readonly body?: unknown;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
  /** Ends the wait: rejects, and closes the connection. */
  readonly signal?: AbortSignal;
}

/** What came back over the socket, byte for byte: nothing is decoded or followed on the way. */
export class Answer {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly bytes: Buffer,
  ) {}

  /** The bytes without their coding. */
  get plain(): Buffer {
    const coding = this.headers['content-encoding'];
    if (coding === 'br') return brotliDecompressSync(this.bytes);
    return coding === 'gzip' ? gunzipSync(this.bytes) : this.bytes;
  }

  get text(): string {
    return this.plain.toString();
  }

  get cacheStatus(): string {
    return String(this.headers['cache-status']);
  }

  json<T = Record<string, unknown>>(): T {
    return JSON.parse(this.text) as T;
  }
}

/** One request over a real socket; the path is sent as it is written. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', agent = false, signal } = options;
  const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...type, ...options.headers };
  const [, base = '', path = '/'] = /^(http:\/\/[^/]+)(\/.*)?$/.exec(url) ?? [];
  return new Promise((resolve, reject) => {
    const sent = request(base, { path, method, headers, agent, ...(signal && { signal }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve(new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
