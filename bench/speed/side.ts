import type { Lifetime } from '../../test/helpers/lifetime.js';

/** A server under load. */
export interface Served {
  readonly port: number;
  /** What its connections send, in turn. */
  readonly requests: readonly string[];
  /** Each connection has its own of them. */
  readonly areOwn?: boolean;
  /** The statuses that count; whatever else comes ends the measurement. */
  readonly status: number;
  /** Something that it waits for runs on the core of whoever asks. */
  readonly isShared?: boolean;
  stop(): Promise<unknown>;
}

/** One side of a ratio: started anew for every round, on the core of servers. */
export interface Side {
  readonly name: string;
  start(life: Lifetime): Promise<Served>;
}

export type HeadKind = 'short' | 'browser';

/** About 1 KB, as a browser sends it to an API of its own site. */
const BROWSER_HEAD = [
  'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'accept: application/json, text/plain, */*',
  'accept-language: en-GB,en;q=0.9,de;q=0.8',
  'accept-encoding: gzip, deflate, br, zstd',
  'referer: https://dashboards.example/operations?site_id=7&period=30d',
  'sec-ch-ua: "Chromium";v="131", "Not_A Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'sec-fetch-dest: empty',
  'sec-fetch-mode: cors',
  'sec-fetch-site: same-site',
  `cookie: session=${'c'.repeat(180)}; theme=dark; consent=1`,
];

/** The text of a GET; `more`: header lines beside those of the kind. */
export function requestText(path: string, kind: HeadKind, more: readonly string[] = []): string {
  const lines = kind === 'short' ? [] : BROWSER_HEAD;
  return [`GET ${path} HTTP/1.1`, 'host: 127.0.0.1', ...lines, ...more, '', ''].join('\r\n');
}
