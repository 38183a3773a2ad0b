import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Effort } from './effort.js';
import type { HeadKind, Side } from './side.js';
import { dashcacheSide } from './sides/dashcache.js';
import { ENTRIES_COUNT, layerTwoSide } from './sides/layer-two.js';
import { type PlainOptions, plainSide } from './sides/plain.js';
import { varnishSide } from './sides/varnish.js';

/** How fast one side has to be, in times of another. */
export interface Check {
  readonly of: string;
  /** Of several the fastest. */
  readonly by: readonly string[];
  readonly goal: number;
  /** For noisy machines: below it the command ends with 1. */
  readonly minimum: number;
}

/** Sides that are measured in turns, and what they have to show. */
export interface Question {
  readonly name: string;
  /** Asked by the gate, too. */
  readonly isShort: boolean;
  readonly sides: readonly Side[];
  readonly checks: readonly Check[];
  /** Where its sides need another one than others; for all of them alike. */
  readonly effort?: Partial<Effort>;
  /** What has to be installed. */
  readonly needs: readonly ('peers' | 'varnish')[];
}

const BARE = 'bare-program.ts';
const PEER = '../../rivals/speed/peer-program.ts';
/** Some 200,000 hits: measured sooner, a side with more code is measured while it is being compiled. */
const LAYER_TWO_WARM_UP_MS = 30_000;
/** Who codes each answer codes those of all connections at once: several times in a slice, or there is none in most of them. */
const CODED_SLICES = { sliceMs: 2000, slicesCount: 4 };
const OBJECT_PEERS = ['async-cache-dedupe', 'lru-fetch', 'cache-manager'];

type Size = Pick<PlainOptions, 'kib' | 'head'>;

function bare(name: string, words: readonly string[], size: Size & Partial<PlainOptions>): Side {
  return plainSide({ name, program: BARE, words, ...size });
}

function peer(kind: string, size: Size & Partial<PlainOptions>): Side {
  return plainSide({ name: kind, program: PEER, words: [kind], needsRedis: true, ...size });
}

/** No address is remembered: each is read, checked and understood anew. */
const WITHOUT_MEMO = {
  path: 'services/definitions/resolved-queries.ts',
  from: 'const isKept = url.length <= URL_MAX_LENGTH;',
  to: 'const isKept = false;',
};

function hit(kib: number, head: HeadKind, isShort: boolean): Question {
  const size = { kib, head };
  return {
    name: `hit-${kib}-${head}`,
    isShort,
    needs: [],
    sides: [
      bare('bare Fastify', ['fastify'], size),
      bare('node:http', ['node'], size),
      bare('lru-cache by hand', ['lru'], size),
      dashcacheSide({ name: 'hit', ...size }),
      dashcacheSide({ name: 'hit without the memo', ...size, edit: WITHOUT_MEMO }),
    ],
    checks: [
      { of: 'hit', by: ['bare Fastify'], goal: 1, minimum: 0.9 },
      { of: 'hit', by: ['lru-cache by hand'], goal: 1.05, minimum: 0.95 },
      { of: 'hit without the memo', by: ['bare Fastify'], goal: 0.9, minimum: 0.8 },
    ],
  };
}

/** As behind a balancer, which sends requests of all readers over the same connections. */
function askers(): Question {
  const size = { kib: 1, head: 'short' } as const;
  return {
    name: 'askers',
    isShort: false,
    needs: [],
    sides: [
      bare('bare Fastify', ['fastify'], size),
      dashcacheSide({ name: 'hit of many', ...size, askersCount: 100 }),
    ],
    checks: [{ of: 'hit of many', by: ['bare Fastify'], goal: 0.8, minimum: 0.65 }],
  };
}

function unchanged(): Question {
  const size = { kib: 1, head: 'short', isUnchanged: true } as const;
  return {
    name: 'unchanged',
    isShort: true,
    needs: [],
    sides: [bare('bare Fastify', ['fastify-304'], size), dashcacheSide({ name: '304', ...size })],
    checks: [{ of: '304', by: ['bare Fastify'], goal: 1, minimum: 0.9 }],
  };
}

function parts(): Question {
  const size = { kib: 1, head: 'browser' } as const;
  const rest = { CORS_ORIGINS: 'https://dashboards.example', RATE_LIMIT: '100000000/s' };
  return {
    name: 'parts',
    isShort: true,
    needs: [],
    sides: [
      dashcacheSide({ name: 'hit', ...size }),
      dashcacheSide({ name: 'without monitoring', ...size, environment: { CACHE_MONITORING: 'false' } }),
      dashcacheSide({ name: 'open', ...size, isOpen: true, environment: rest }),
    ],
    checks: [
      { of: 'hit', by: ['without monitoring'], goal: 0.97, minimum: 0.93 },
      { of: 'hit', by: ['open'], goal: 0.95, minimum: 0.9 },
    ],
  };
}

function peers(
  kib: number,
  best: readonly [number, number] | null,
  bento: readonly [number, number] | null,
): Question {
  const size = { kib, head: 'short' } as const;
  return {
    name: `peers-${kib}`,
    isShort: false,
    needs: ['peers'],
    sides: [
      dashcacheSide({ name: 'hit', ...size }),
      ...[...OBJECT_PEERS, 'bentocache', 'cacheable', 'fastify-caching'].map((kind) => peer(kind, size)),
    ],
    checks: [
      ...(best ? [{ of: 'hit', by: OBJECT_PEERS, goal: best[0], minimum: best[1] }] : []),
      ...(bento ? [{ of: 'hit', by: ['bentocache'], goal: bento[0], minimum: bento[1] }] : []),
    ],
  };
}

function coded(kib: number, goal: number, minimum: number): Question {
  const name = 'fastify-compress';
  const lines = ['accept-encoding: br'];
  return {
    name: `coded-${kib}`,
    isShort: false,
    effort: CODED_SLICES,
    needs: ['peers'],
    sides: [
      // Of the size before it is coded: both send the same content.
      dashcacheSide({ name: 'hit', kib, head: 'short', sizedAs: 'identity', lines }),
      peer(name, { kib, head: 'short', askedLines: lines }),
    ],
    checks: [{ of: 'hit', by: [name], goal, minimum }],
  };
}

function layerTwo(): Question {
  const size = { kib: 20, head: 'short' } as const;
  return {
    name: 'layer-two',
    isShort: false,
    effort: { warmUpMs: LAYER_TWO_WARM_UP_MS },
    needs: ['peers'],
    sides: [
      layerTwoSide({ name: 'hit of layer two', kib: 20, head: 'short' }),
      peer('ioredis-buffer', { ...size, entriesCount: ENTRIES_COUNT, lines: ['accept-encoding: br'] }),
      peer('ioredis-json', { ...size, entriesCount: ENTRIES_COUNT }),
    ],
    checks: [
      { of: 'hit of layer two', by: ['ioredis-buffer'], goal: 1, minimum: 0.9 },
      { of: 'hit of layer two', by: ['ioredis-json'], goal: 5, minimum: 4 },
    ],
  };
}

function varnish(): Question {
  const size = { kib: 1, head: 'short' } as const;
  return {
    name: 'varnish',
    isShort: false,
    needs: ['varnish'],
    sides: [dashcacheSide({ name: 'hit', ...size }), varnishSide({ name: 'Varnish', ...size })],
    checks: [{ of: 'hit', by: ['Varnish'], goal: 0.9, minimum: 0.75 }],
  };
}

export const QUESTIONS: readonly Question[] = [
  hit(1, 'short', true),
  hit(1, 'browser', false),
  hit(20, 'short', false),
  hit(20, 'browser', true),
  askers(),
  unchanged(),
  parts(),
  peers(1, [1.5, 1.3], null),
  peers(20, [3.5, 3], [7, 5]),
  peers(200, null, [35, 25]),
  varnish(),
  layerTwo(),
  coded(20, 16, 10),
  coded(200, 200, 100),
];

/** What is not there, of what a question needs, and how to get it; null: it can be asked. */
export function missingFor({ needs }: Question): string | null {
  const peersFolder = fileURLToPath(new URL('../rivals/node_modules/bentocache', import.meta.url));
  if (needs.includes('peers') && !existsSync(peersFolder)) return 'npm install --prefix bench/rivals';
  const hasVarnish = process.env['VARNISHD'] !== undefined || existsSync('/usr/sbin/varnishd');
  return needs.includes('varnish') && !hasVarnish ? "Debian's varnish" : null;
}
