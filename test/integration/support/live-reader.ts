import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Test } from 'tap';
import { until } from './until.js';

/** One event as it came. */
export interface LiveEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: LiveData;
  /** Monotonic, of this process. */
  readonly atMs: number;
}

export interface LiveData {
  readonly panel?: string;
  readonly etag?: string;
  readonly freshness?: { readonly outcome: string; readonly age: number; readonly ttl: number };
  readonly body?: { readonly panel: string; readonly params: object; readonly data: Record<string, unknown> };
  readonly problem?: { readonly code: string; readonly status: number };
  readonly reason?: string;
}

/** Somebody who reads a live stream; with `isHeld` he takes nothing of it until he is let. */
export class LiveReader {
  readonly events: LiveEvent[] = [];
  heartbeatsCount = 0;
  bytesCount = 0;
  isOver = false;
  #text = '';

  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly response: IncomingMessage,
    readonly request: ClientRequest,
  ) {
    response.on('data', (chunk: Buffer) => {
      this.bytesCount += chunk.length;
      this.#text += chunk.toString();
      // A long event comes in many pieces.
      if (!chunk.includes('\n')) return;
      const blocks = this.#text.split('\n\n');
      this.#text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    });
    response.on('close', () => {
      this.isOver = true;
    });
    response.on('error', () => {});
  }

  of(event: string, panel?: string): LiveEvent[] {
    return this.events.filter((each) => each.event === event && (!panel || each.data.panel === panel));
  }

  /** Resolves when so many of these events have come, or fails the test. */
  async has(t: Test, count: number, [event, panel]: readonly [event: string, panel?: string]): Promise<void> {
    const came = await until(() => this.of(event, panel).length >= count);
    const last = this.events.slice(-5).map((each) => `${each.event} ${each.data.panel ?? each.data.reason}`);
    t.ok(came, `${count} × ${event} ${panel ?? ''}; last came ${last.join(', ')}`);
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== null)?.id ?? '';
  }

  leave(): void {
    this.request.destroy();
  }

  #take(block: string): void {
    const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']);
    const named = new Map(fields.map(([name = '', value = '']) => [name, value]));
    const data = named.get('data');
    if (data === undefined) {
      if (block === ':') this.heartbeatsCount++;
      return;
    }
    const [event = '', id = null] = [named.get('event'), named.get('id')];
    this.events.push({ event, id, data: JSON.parse(data) as LiveData, atMs: performance.now() });
  }
}

export interface LiveReaderOptions {
  readonly lastId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a stream over a socket of its own; it is left when the test ends. */
export function liveReader(t: Test, url: string, options: LiveReaderOptions = {}): Promise<LiveReader> {
  const headers = {
    ...(options.lastId !== undefined && { 'last-event-id': options.lastId }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      resolve(new LiveReader(response.statusCode ?? 0, response.headers, response, asked));
    });
    asked.on('error', reject);
    t.teardown(() => asked.destroy());
    asked.end();
  });
}
