import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { LRUCache } from 'lru-cache';
import { DashcacheError } from '../errors.js';
import type { CacheAnswer } from '../services/cache/answer.js';
import type { CacheRequest } from '../services/cache/request.js';
import type { Place } from '../services/definitions/resolved-queries.js';
import { LastHeads } from '../services/http/last-heads.js';
import { type PlainHead, plainHead } from '../services/http/plain-head.js';
import {
  PreparedAnswer,
  type PreparedAnswerParts,
  type RawHead,
  writeRawHead,
} from '../services/http/prepared-answer.js';
import type { Identity } from '../services/identity/identity.js';
import type { Question } from '../services/questions.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Only on a server of our own. */
    readyAnswers: ReadyAnswers;
  }
}

export interface ReadyAnswersOptions {
  /** What they may take in memory, beside the entries. */
  readonly maxBytes: number;
  /** Whether the address of a connection is not that of whoever asks (TRUST_PROXY), and that matters (RATE_LIMIT). */
  readonly needsProxies: boolean;
}

/** A question that was answered from memory, all of it, the way of every request. */
export interface Answered extends Pick<PreparedAnswerParts, 'headersAt' | 'bytesOf'> {
  readonly question: Question;
  /** Of its reads. */
  readonly answers: readonly CacheAnswer[];
  /** As they are sent, by lower-case name. */
  readonly headers: () => PreparedAnswerParts['headers'];
  /** What `bytesOf` keeps of its own, beside what the cache keeps. */
  readonly ownBytes: number;
}

/** Who sends a head. */
interface Asker extends PlainHead {
  readonly identity: Identity | null;
  /** How the limit of rates knows this identity; null: it has to be asked. */
  readonly caller: string | null;
  /** Wall clock: his credential is good no longer. */
  readonly untilMs: number;
}

/** The answer to a question, for all who may ask it. */
interface Ready {
  readonly reads: readonly {
    readonly dashboardId: string;
    readonly panelId: string;
    readonly of: CacheRequest;
  }[];
  readonly isDashboard: boolean;
  /** By what of a head decides how it looks. */
  readonly variants: ReadonlyMap<string, Variant>;
}

interface Variant {
  readonly ownBytes: number;
  readonly prepared: PreparedAnswer;
}

/** As measured: what the cache is asked for one panel, and a prepared head. */
const READ_BYTES = 3200;
const HEAD_BYTES = 6000;
/** Of one question: a client may name any origin and any codings. */
const VARIANTS_MAX_COUNT = 16;
const PLACES_MAX_COUNT = 10_000;

/**
 * Answers at once, before the router, what was answered before and is fresh in memory: who asks, what, and whether he may, is found out
 * as for every request, and the rest is ready (invariant 7). Whatever is not exactly so goes the way of every request, and is ready the
 * next time when it was a hit (docs/decisions/021-ready-answers.md).
 */
export class ReadyAnswers {
  readonly #app: FastifyInstance;
  #askers: LastHeads<Asker>;
  /** By path. */
  readonly #places = new LRUCache<string, Place>({ max: PLACES_MAX_COUNT });
  /** By what a question means. */
  readonly #ready: LRUCache<string, Ready>;

  constructor(app: FastifyInstance, { maxBytes }: Pick<ReadyAnswersOptions, 'maxBytes'>) {
    this.#app = app;
    this.#askers = this.#newAskers();
    this.#ready = new LRUCache({
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: ({ reads, variants }, meaning) => {
        const ofVariants = [...variants.values()].reduce(
          (sum, { ownBytes }) => sum + HEAD_BYTES + ownBytes,
          0,
        );
        return 2 * meaning.length + reads.length * READ_BYTES + ofVariants;
      },
    });
  }

  /** The head of what it has answered; null: it has not. `address` is of whoever asks. */
  answer(raw: IncomingMessage, response: ServerResponse, address: string): RawHead | null {
    const { url = '' } = raw;
    const place = raw.method === 'GET' ? this.#places.get(pathOf(url)) : undefined;
    if (!place) return null;
    const { clock, lifecycle, dashboardCache, rateLimiter } = this.#app;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const asker = this.#askers.of(raw);
    if (asker === null || nowMs >= asker.untilMs || lifecycle.phase !== 'serving') return null;
    const question = this.#ask(url, place, asker);
    const ready = question && this.#ready.get(question.meaning);
    const variant = ready?.variants.get(asker.variant);
    if (!question || !ready || !variant) return null;
    const { fresh } = dashboardCache.cache;
    const answers: CacheAnswer[] = [];
    for (const { of } of ready.reads) {
      const answer = fresh.look(of);
      if (answer === null) return null;
      answers.push(answer);
    }
    const bytes = variant.prepared.bytes(answers);
    if (bytes === undefined) return null;
    const head = variant.prepared.head(asker.ifNoneMatch, answers, nowMs);
    if (head === null) return null;
    if (rateLimiter) {
      const caller = asker.caller ?? rateLimiter.callerOf(asker.identity, address);
      if (rateLimiter.waitMs(caller) > 0) return null;
    }
    writeRawHead(response, head);
    response.end(head.status === 304 ? undefined : bytes);
    const latencyMs = clock.monotonicMs() - startedMs;
    question.note();
    for (const { of } of ready.reads) fresh.count(of, startedMs, latencyMs);
    this.#count(ready, latencyMs);
    return head;
  }

  /** What every request that means the same, with a head that is alike, may be answered with from now on, as long as it is fresh. */
  learn(request: FastifyRequest, answered: Answered): void {
    const { question, answers, headers, headersAt, bytesOf, ownBytes } = answered;
    const { raw } = request;
    const head = plainHead(raw);
    if (head === null || raw.method !== 'GET' || !isHit(answers)) return;
    const { dashboard, panels, panelId, meaning } = question;
    const { definitions, dashboardCache, server } = this.#app;
    // It may have been asked before they were replaced.
    if (definitions.current.dashboards.get(dashboard.id) !== dashboard) return;
    this.#places.set(pathOf(raw.url ?? ''), { dashboard, panels, panelId });
    const known = this.#ready.peek(meaning);
    if (known?.variants.get(head.variant)?.prepared.bytes(answers)) return;
    const variants = new Map(known?.variants);
    variants.delete(head.variant);
    const [oldest] = variants.keys();
    if (oldest !== undefined && variants.size >= VARIANTS_MAX_COUNT) variants.delete(oldest);
    const prepared = new PreparedAnswer({
      headersAt,
      bytesOf,
      headers: headers(),
      entryTags: answers.map(({ entry }) => entry.etag),
      keepAliveTimeoutMs: server.keepAliveTimeout,
    });
    variants.set(head.variant, { ownBytes, prepared });
    const reads = question.reads.map((read) => ({
      dashboardId: dashboard.id,
      panelId: read.panel.id,
      of: dashboardCache.service.requestOf(read),
    }));
    this.#ready.set(meaning, { reads, isDashboard: panelId === null, variants });
  }

  /** What was checked may be refused now, or mean something else. */
  forget(): void {
    this.#askers = this.#newAskers();
    this.#places.clear();
    this.#ready.clear();
  }

  /** Null for what is wrong with it, which is told the way of every request. */
  #ask(url: string, place: Place, { identity }: Asker): Question | null {
    try {
      return this.#app.questions.ask(url, place, identity);
    } catch (error) {
      if (error instanceof DashcacheError) return null;
      throw error;
    }
  }

  #newAskers(): LastHeads<Asker> {
    return new LastHeads((raw) => {
      const { identityNow, mayRead, rateLimiter } = this.#app;
      const head = plainHead(raw);
      const identity = head && identityNow(raw);
      if (head === null || identity === undefined || !mayRead(identity)) return null;
      const caller = (identity && rateLimiter?.callerOf(identity, '')) ?? null;
      return { ...head, identity, caller, untilMs: identity?.expiresAtMs ?? Number.POSITIVE_INFINITY };
    });
  }

  #count({ reads, isDashboard }: Ready, latencyMs: number): void {
    const { observer } = this.#app;
    for (const { dashboardId, panelId } of reads)
      observer.read(dashboardId, panelId, { outcome: 'hit', layer: 'l1', latencyMs });
    if (isDashboard) observer.dashboardLoad(latencyMs);
  }
}

function isHit(answers: readonly CacheAnswer[]): boolean {
  return answers.every(({ outcome, layer }) => outcome === 'hit' && layer === 'l1');
}

/** As it is spelled. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** For a server of our own: there no hook of a host wants to see the answers. Comes before all that a hit needs no more. */
async function readyAnswers(
  app: FastifyInstance,
  { needsProxies, ...options }: ReadyAnswersOptions,
): Promise<void> {
  const ready = new ReadyAnswers(app, options);
  app.decorate('readyAnswers', ready);
  // Only a request that the router has made tells a line of the log, and what proxies say of who asks.
  const isBeforeRouter = !isInfoLogged(app) && !needsProxies;
  if (!isBeforeRouter)
    app.addHook('onRequest', (request, reply, done) => {
      const head = answered(app, request.raw, { response: reply.raw, address: request.ip });
      if (head === null) return done();
      reply.hijack();
      // The line of the log tells how long it was.
      const length = head.headers['content-length'];
      if (length !== undefined) reply.header('content-length', length);
    });
  app.addHook('onReady', async () => {
    const forget = () => ready.forget();
    app.definitions.onTaken(forget);
    // Other tables are other tags.
    app.definitions.onChecked(forget);
    app.credentials?.onChange(forget);
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

/** A fault here is nobody's who asks: where nothing is sent yet, the way of every request answers. */
function answered(
  { readyAnswers, log }: FastifyInstance,
  raw: IncomingMessage,
  { response, address }: { response: ServerResponse; address: string },
): RawHead | null {
  let head: RawHead | null = null;
  try {
    head = readyAnswers.answer(raw, response, address);
  } catch (error) {
    log.error({ err: error }, 'The ready answers failed');
    if (response.headersSent) response.destroy();
  }
  return head;
}

export default fp(readyAnswers, { name: 'ready-answers', fastify: '5.x' });
