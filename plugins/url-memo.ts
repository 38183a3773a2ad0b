import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { LRUCache } from 'lru-cache';
import type { CacheAnswer } from '../services/cache/answer.js';
import type { CacheRequest } from '../services/cache/request.js';
import type { PanelRequest } from '../services/dashboard-cache-service.js';
import { asksForReload } from '../services/http/asks-for-reload.js';
import {
  PreparedAnswer,
  type PreparedAnswerParts,
  type RawHead,
  writeRawHead,
} from '../services/http/prepared-answer.js';
import type { Identity } from '../services/identity/identity.js';
import type { AskedRead } from '../services/warming/observed-question.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Only on a server of our own. */
    urlMemo: UrlMemo;
  }
}

export interface UrlMemoOptions {
  /** What memos may take in memory, beside the entries. */
  readonly maxBytes: number;
  /** TRUST_PROXY: the address of a connection is not that of whoever asks. */
  readonly trustsProxies: boolean;
}

/** A request that was answered from memory, all of it, the way that every request goes. */
export interface Answered extends Pick<PreparedAnswerParts, 'headersAt' | 'bytesOf'> {
  /** As they are sent, by lower-case name. */
  readonly headers: () => PreparedAnswerParts['headers'];
  readonly reads: readonly { readonly request: PanelRequest; readonly answer: CacheAnswer }[];
  readonly isDashboard: boolean;
  readonly observed: AskedRead;
  /** What `bytesOf` keeps of its own, beside what the cache keeps. */
  readonly ownBytes: number;
}

/** What an address means to who asks it. */
interface Memo {
  readonly key: string;
  readonly asker: string;
  readonly url: string;
  readonly reads: readonly { readonly of: PanelRequest; readonly request: CacheRequest }[];
  readonly identity: Identity | null;
  /** How the limit of rates knows this identity; null: it has to be asked. */
  readonly caller: string | null;
  readonly isDashboard: boolean;
  readonly noteObserved: () => void;
  /** Wall clock: periods and credentials mean something else before and after. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly ownBytes: number;
  readonly prepared: PreparedAnswer;
}

/** The head of the last request on a connection: most clients send the same one again and again. */
interface LastHead {
  readonly rawHeaders: readonly string[];
  readonly asker: string | null;
  readonly ifNoneMatch: string | undefined;
}

/** As measured: what the cache is asked for one panel, and a prepared head. */
const READ_BYTES = 3200;
const HEAD_BYTES = 6000;

/**
 * Answers a request that was answered before, by the same credential and the same head, with what is fresh in memory: nothing of it is
 * checked, resolved or written again (invariant 7). Whatever is not exactly so goes the way of every request, and comes back here when
 * it was a hit (docs/decisions/021-url-memo.md).
 */
export class UrlMemo {
  readonly #app: FastifyInstance;
  readonly #byUrlOfAsker = new Map<string, Map<string, Memo>>();
  /** All of them, in the order of their use. */
  readonly #memos: LRUCache<string, Memo>;
  readonly #lastHeads = new WeakMap<Socket, LastHead>();

  constructor(app: FastifyInstance, { maxBytes }: Pick<UrlMemoOptions, 'maxBytes'>) {
    this.#app = app;
    this.#memos = new LRUCache({
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: ({ reads, ownBytes }, key) =>
        2 * key.length + HEAD_BYTES + reads.length * READ_BYTES + ownBytes,
      dispose: (memo) => this.#drop(memo),
    });
  }

  /** The head of what it has answered; null: it has not. `address` is of whoever asks. */
  answer(raw: IncomingMessage, response: ServerResponse, address: string): RawHead | null {
    const { asker, ifNoneMatch } = this.#headOf(raw);
    const memo = asker === null ? undefined : this.#byUrlOfAsker.get(asker)?.get(raw.url ?? '');
    if (!memo || raw.method !== 'GET') return null;
    this.#memos.get(memo.key);
    const { clock, lifecycle, dashboardCache, rateLimiter } = this.#app;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    if (nowMs < memo.fromMs || nowMs >= memo.untilMs || lifecycle.phase !== 'serving') return null;
    const { fresh } = dashboardCache.cache;
    const answers: CacheAnswer[] = [];
    for (const read of memo.reads) {
      const answer = fresh.look(read.request);
      if (answer === null) return null;
      answers.push(answer);
    }
    const bytes = memo.prepared.bytes(answers);
    if (bytes === undefined) return null;
    const head = memo.prepared.head(ifNoneMatch, answers, nowMs);
    if (head === null) return null;
    if (rateLimiter) {
      const caller = memo.caller ?? rateLimiter.callerOf(memo.identity, address);
      if (rateLimiter.waitMs(caller) > 0) return null;
    }
    writeRawHead(response, head);
    response.end(head.status === 304 ? undefined : bytes);
    const latencyMs = clock.monotonicMs() - startedMs;
    for (const read of memo.reads) fresh.count(read.request, startedMs, latencyMs);
    this.#count(memo, latencyMs);
    return head;
  }

  /** What every request of this address and head may be answered with from now on, as long as it is fresh. */
  learn(request: FastifyRequest, answered: Answered): void {
    const { reads, isDashboard, observed, ownBytes, headersAt, bytesOf, headers } = answered;
    const answers = reads.map(({ answer }) => answer);
    if (!answers.every(({ outcome, layer }) => outcome === 'hit' && layer === 'l1')) return;
    const { method, url = '' } = request.raw;
    const { asker } = this.#headOf(request.raw);
    if (asker === null || method !== 'GET' || !url.startsWith('/')) return;
    const key = `${url}\n${asker}`;
    const { clock, dashboardCache, observedReads, rateLimiter, server } = this.#app;
    const nowMs = clock.nowMs();
    const known = this.#memos.peek(key);
    if (known && nowMs >= known.fromMs && known.prepared.bytes(answers)) return;
    const meantUntilMs = reads.flatMap(({ request: { parameters } }) =>
      [...parameters.values()].map((parameter) => parameter.meantUntilMs),
    );
    const memo: Memo = {
      key,
      asker,
      url,
      reads: reads.map(({ request: of }) => ({ of, request: dashboardCache.service.requestOf(of) })),
      identity: request.identity,
      caller: (request.identity && rateLimiter?.callerOf(request.identity, '')) ?? null,
      isDashboard,
      noteObserved: observedReads.noterOf(observed),
      fromMs: nowMs,
      untilMs: Math.min(request.identity?.expiresAtMs ?? Number.POSITIVE_INFINITY, ...meantUntilMs),
      ownBytes,
      prepared: new PreparedAnswer({
        headersAt,
        bytesOf,
        headers: headers(),
        entryTags: answers.map(({ entry }) => entry.etag),
        keepAliveTimeoutMs: server.keepAliveTimeout,
      }),
    };
    // One that is too large is not kept.
    if (this.#memos.set(key, memo).peek(key) !== memo) return;
    const ofAsker = this.#byUrlOfAsker.get(asker);
    if (ofAsker) ofAsker.set(url, memo);
    else this.#byUrlOfAsker.set(asker, new Map([[url, memo]]));
  }

  /** What was checked may be refused now, or mean something else. */
  forget(): void {
    this.#memos.clear();
  }

  #headOf(raw: IncomingMessage): LastHead {
    const { socket, rawHeaders } = raw;
    const last = this.#lastHeads.get(socket);
    if (last && areEqual(last.rawHeaders, rawHeaders)) return last;
    const { headers } = raw;
    const head = { rawHeaders, asker: askerOf(headers, rawHeaders), ifNoneMatch: headers['if-none-match'] };
    this.#lastHeads.set(socket, head);
    return head;
  }

  #drop({ asker, url }: Memo): void {
    const ofAsker = this.#byUrlOfAsker.get(asker);
    ofAsker?.delete(url);
    if (ofAsker?.size === 0) this.#byUrlOfAsker.delete(asker);
  }

  #count({ reads, isDashboard, noteObserved }: Memo, latencyMs: number): void {
    const { observer } = this.#app;
    noteObserved();
    for (const { of } of reads)
      observer.read(of.panel.dashboardId, of.panel.id, { outcome: 'hit', layer: 'l1', latencyMs });
    if (isDashboard) observer.dashboardLoad(latencyMs);
  }
}

/** What of a head decides what is answered, beside the address: equal for requests that are answered alike. Null for a head that says more than that. */
function askerOf(headers: IncomingMessage['headers'], rawHeaders: readonly string[]): string | null {
  if (!hasPlainHead(rawHeaders) || headers.expect !== undefined || asksForReload(headers)) return null;
  const { authorization = '', origin = '', 'x-api-key': key = '', 'accept-encoding': codings = '' } = headers;
  // No field has a line break.
  return `${codings}\n${origin}\n${key}\n${authorization}`;
}

/** Node keeps the first of several hosts and credentials, and whoever stands in front of this service may have looked at another one. */
function hasPlainHead(rawHeaders: readonly string[]): boolean {
  let hostsCount = 0;
  let credentialsCount = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) hostsCount++;
    else if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) credentialsCount++;
  }
  return hostsCount === 1 && credentialsCount <= 1;
}

const HOST = 'host';
const AUTHORIZATION = 'authorization';

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  // Names of fields are hardly ever what differs.
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

/** For a server of our own: there no hook of a host wants to see the answers. Comes before all that a hit needs no more. */
async function urlMemo(app: FastifyInstance, { trustsProxies, ...options }: UrlMemoOptions): Promise<void> {
  const memo = new UrlMemo(app, options);
  app.decorate('urlMemo', memo);
  let isBeforeRouter = false;
  app.addHook('onRequest', (request, reply, done) => {
    const head = isBeforeRouter
      ? null
      : answered(app, request.raw, { response: reply.raw, address: request.ip });
    if (head === null) return done();
    reply.hijack();
    // The line of the log tells how long it was.
    const length = head.headers['content-length'];
    if (length !== undefined) reply.header('content-length', length);
  });
  app.addHook('onReady', async () => {
    const forget = () => memo.forget();
    app.definitions.onTaken(forget);
    // Other tables are other tags.
    app.definitions.onChecked(forget);
    app.credentials?.onChange(forget);
    // Only a request that the router has made tells a line of the log, and what proxies say of who asks.
    isBeforeRouter = !isInfoLogged(app) && !(trustsProxies && app.rateLimiter !== null);
    if (isBeforeRouter) answerBeforeRouter(app);
  });
}

function isInfoLogged({ log }: FastifyInstance): boolean {
  return 'isLevelEnabled' in log && typeof log.isLevelEnabled === 'function' && log.isLevelEnabled('info');
}

/** The router, its request and its reply cost more than the answer. */
function answerBeforeRouter(app: FastifyInstance): void {
  const { server } = app;
  const [route] = server.listeners('request');
  if (route === undefined) throw new Error('The server has no router');
  server.off('request', route as RequestListener);
  server.prependListener('request', (raw: IncomingMessage, response: ServerResponse) => {
    const address = raw.socket.remoteAddress ?? '';
    if (answered(app, raw, { response, address }) === null) route.call(server, raw, response);
  });
}

/** A fault of the memo is nobody's who asks: where nothing is sent yet, the way of every request answers. */
function answered(
  { urlMemo, log }: FastifyInstance,
  raw: IncomingMessage,
  { response, address }: { response: ServerResponse; address: string },
): RawHead | null {
  let head: RawHead | null = null;
  try {
    head = urlMemo.answer(raw, response, address);
  } catch (error) {
    log.error({ err: error }, 'The URL memo failed');
    if (response.headersSent) response.destroy();
  }
  return head;
}

export default fp(urlMemo, { name: 'url-memo', fastify: '5.x' });
