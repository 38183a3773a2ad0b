import type { IncomingMessage, ServerResponse } from 'node:http';
import { DashcacheError } from '../../errors.js';
import type { CacheAnswer } from '../cache/answer.js';
import type { Cache } from '../cache/cache.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, DashboardReader } from '../dashboard-cache-service.js';
import type { Definitions } from '../definitions/model.js';
import type { Place } from '../definitions/resolved-queries.js';
import type { Identity } from '../identity/identity.js';
import type { Log } from '../log.js';
import type { AskedBy, Question, Questions } from '../questions.js';
import type { ReadRecorder } from '../statistics/recorder.js';
import { matchingTag } from './conditional.js';
import { entityTag } from './entity-tag.js';
import { LastHeads } from './last-heads.js';
import { type PlainHead, plainHead } from './plain-head.js';
import { type RawHead, writeRawHead } from './raw-head.js';
import {
  type Answered,
  type AnswerTemplate,
  isFresh,
  kindOf,
  preparedAs,
  ReadyStore,
  type Templates,
} from './ready-store.js';

/** The service, as far as an answer needs it. */
export interface ReadyAnswersParts {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly log: Pick<Log, 'error'>;
  readonly lifecycle: { readonly phase: string };
  readonly server: { readonly keepAliveTimeout: number };
  readonly definitions: { readonly current: Definitions };
  readonly questions: Pick<Questions, 'ask'>;
  readonly dashboardReader: Pick<DashboardReader, 'read'>;
  readonly dashboardCache: {
    readonly service: Pick<DashboardCacheService, 'requestOf'>;
    readonly cache: Pick<Cache, 'fresh'>;
  };
  readonly observer: Pick<ReadRecorder, 'read' | 'dashboardLoad'>;
  /** Null where nobody is limited. */
  readonly rateLimiter: {
    callerOf(identity: Identity | null, address: string): string | null;
    waitMs(caller: string | null): number;
  } | null;
  /** Undefined: one has to wait to know it. */
  identityNow(raw: IncomingMessage): Identity | null | undefined;
  mayRead(identity: Identity | null): boolean;
}

/** Who sends a head. */
interface Asker extends PlainHead {
  readonly identity: Identity | null;
  /** How the limit of rates knows this identity; null: it has to be asked. */
  readonly caller: string | null;
  /** Wall clock: his credential is good no longer. */
  readonly untilMs: number;
}

/** A request, and where its answer goes. */
export interface Exchange {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  /** Of whoever asks; null: that of the connection. */
  readonly address: string | null;
}

/** Answers a request the way of all. */
export type HandOver = (raw: IncomingMessage, response: ServerResponse) => void;

/** A request that may be answered here. */
interface Asked extends Exchange {
  readonly asker: Asker;
  readonly question: Question;
  /** Monotonic clock, and wall clock. */
  readonly startedMs: number;
  readonly nowMs: number;
}

/** A read that was begun for a request that is answered elsewhere. */
export interface BegunRead {
  readonly startedMs: number;
  readonly answer: Promise<CacheAnswer>;
}

/** The answer follows, here or elsewhere. */
export const LATER = 'later';

/**
 * Answers before the router what is asked again and again: who asks, what, and whether he may, is found out as for every request. What is
 * fresh in memory is sent at once, as it is ready; a panel that has to be read is sent when it was, with a head like the one before
 * (invariant 7). Whatever is not exactly so goes the way of every request, with the read that was begun, and teaches how it is answered
 * (docs/decisions/021-ready-answers.md).
 */
export class ReadyAnswers {
  readonly #parts: ReadyAnswersParts;
  readonly #store: ReadyStore;
  readonly #begun = new WeakMap<IncomingMessage, BegunRead>();
  #askers: LastHeads<Asker>;

  /** `parts` are asked for what they have when it is needed; `maxBytes`: what is ready may take in memory, beside the entries. */
  constructor(parts: ReadyAnswersParts, { maxBytes }: { maxBytes: number }) {
    this.#parts = parts;
    this.#store = new ReadyStore({
      maxBytes,
      requestOf: (read) => parts.dashboardCache.service.requestOf(read),
    });
    this.#askers = this.#newAskers();
  }

  /** The head of what it has answered; null: it has not. `handOver` answers what turns out not to be ready; null: nothing may be waited for. */
  answer(exchange: Exchange, handOver: HandOver | null): RawHead | typeof LATER | null {
    const asked = this.#asked(exchange);
    if (asked === null) return null;
    return this.#sentNow(asked) ?? (handOver && this.#readAndSend(asked, handOver));
  }

  /** What was begun here for a request that goes the way of all. */
  begunRead(raw: IncomingMessage): BegunRead | undefined {
    return this.#begun.get(raw);
  }

  /** How every request that means the same, or asks the same panel, may be answered from now on where its head is alike. */
  learn(raw: IncomingMessage, answered: Omit<Answered, 'keepAliveTimeoutMs'>): void {
    const { method, url = '' } = raw;
    // An address that names a host has to be held against the one of the head, each time.
    const head = method === 'GET' && url.startsWith('/') ? plainHead(raw) : null;
    if (head === null || !this.#isOfNow(answered.question)) return;
    const { keepAliveTimeout: keepAliveTimeoutMs } = this.#parts.server;
    this.#store.learn(url, head.variant, { ...answered, keepAliveTimeoutMs });
  }

  /** What was checked may be refused now, or mean something else. */
  forget(): void {
    this.#askers = this.#newAskers();
    this.#store.clear();
  }

  #asked({ raw, response, address }: Exchange): Asked | null {
    const { url = '' } = raw;
    const place = raw.method === 'GET' ? this.#store.placeOf(url) : undefined;
    if (!place) return null;
    const { clock, lifecycle } = this.#parts;
    const startedMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    const asker = this.#askers.of(raw);
    if (asker === null || nowMs >= asker.untilMs || lifecycle.phase !== 'serving') return null;
    const question = this.#ask(url, place, { identity: asker.identity, nowMs });
    return question && { raw, response, address, asker, question, startedMs, nowMs };
  }

  /** Null for what is wrong with it, which is told the way of every request. */
  #ask(url: string, place: Place, by: AskedBy): Question | null {
    try {
      return this.#parts.questions.ask(url, place, by);
    } catch (error) {
      if (error instanceof DashcacheError) return null;
      throw error;
    }
  }

  /** Sends what is ready and fresh. */
  #sentNow(asked: Asked): RawHead | null {
    const { asker, question, response, startedMs, nowMs } = asked;
    const ready = this.#store.of(question.meaning);
    const variant = ready?.variants.get(asker.variant);
    if (!ready || !variant) return null;
    const { clock, dashboardCache, observer } = this.#parts;
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
    if (head === null || !this.#isWithinRate(asked)) return null;
    writeRawHead(response, head);
    response.end(head.status === 304 ? undefined : bytes);
    const latencyMs = clock.monotonicMs() - startedMs;
    question.note();
    for (const { dashboardId, panelId, of } of ready.reads) {
      fresh.count(of, startedMs, latencyMs);
      observer.read(dashboardId, panelId, { outcome: 'hit', layer: 'l1', latencyMs });
    }
    if (ready.isDashboard) observer.dashboardLoad(latencyMs);
    return head;
  }

  /** Reads a panel of which it is known how an answer looks, and sends it; null: it is not. */
  #readAndSend(asked: Asked, handOver: HandOver): typeof LATER | null {
    const { question, asker } = asked;
    const [read] = question.reads;
    if (question.panelId === null || !read) return null;
    const templates = this.#store.templates(read.panel, asker.variant);
    if (!templates || !this.#isWithinRate(asked)) return null;
    const { raw, response, startedMs } = asked;
    const answer = this.#parts.dashboardReader.read(read);
    const elsewhere = (): void => {
      this.#begun.set(raw, { startedMs, answer });
      handOver(raw, response);
    };
    // What went wrong with a read is told the way of every request.
    answer.then((given) => void this.#sendRead(asked, { templates, given }, elsewhere), elsewhere);
    return LATER;
  }

  async #sendRead(
    asked: Asked,
    { templates, given }: { templates: Templates; given: CacheAnswer },
    elsewhere: () => void,
  ): Promise<void> {
    const { response } = asked;
    try {
      const template = templates[kindOf(given)];
      if (template) {
        const { body } = given.entry;
        const bytes = body.ready(template.coding) ?? (await body.bytes(template.coding));
        this.#send(asked, template, { panelId: templates.panel.id, answer: given, bytes });
        return;
      }
    } catch (error) {
      this.#parts.log.error({ err: error }, 'A ready answer failed');
      if (response.headersSent) {
        response.destroy();
        return;
      }
    }
    elsewhere();
  }

  #send(
    asked: Asked,
    template: AnswerTemplate,
    { panelId, answer, bytes }: { panelId: string; answer: CacheAnswer; bytes: Buffer },
  ): void {
    const { asker, question, response, startedMs } = asked;
    const { coding, look, headersAt } = template;
    const { etag } = answer.entry;
    const { clock, lifecycle, observer } = this.#parts;
    const held = matchingTag(asker.ifNoneMatch, etag, coding);
    const content = { etag: held ?? entityTag(etag, coding), length: bytes.length };
    const nowMs = clock.nowMs();
    const head = look.head(held === null ? 200 : 304, content, headersAt([answer], nowMs), nowMs);
    // Who got this far before the drain would be told to keep the connection, and the stop would wait for it.
    if (lifecycle.phase !== 'serving') response.shouldKeepAlive = false;
    writeRawHead(response, head);
    response.end(held === null ? bytes : undefined);
    const { outcome, layer } = answer;
    const latencyMs = clock.monotonicMs() - startedMs;
    question.note();
    observer.read(question.dashboard.id, panelId, { outcome, layer, latencyMs });
    if (isFresh(answer) && held === null && this.#isOfNow(question)) {
      const prepared = preparedAs(template, answer, content);
      this.#store.keep(question, asker.variant, { ownBytes: 0, prepared });
    }
  }

  /** It may have been asked before the definitions were replaced. */
  #isOfNow({ dashboard }: Question): boolean {
    return this.#parts.definitions.current.dashboards.get(dashboard.id) === dashboard;
  }

  #isWithinRate({ asker, raw, address }: Asked): boolean {
    const { rateLimiter } = this.#parts;
    if (!rateLimiter) return true;
    const { caller, identity } = asker;
    const known = caller ?? rateLimiter.callerOf(identity, address ?? raw.socket.remoteAddress ?? '');
    return rateLimiter.waitMs(known) === 0;
  }

  #newAskers(): LastHeads<Asker> {
    return new LastHeads((raw) => {
      const { identityNow, mayRead, rateLimiter } = this.#parts;
      const head = plainHead(raw);
      const identity = head && identityNow(raw);
      if (head === null || identity === undefined || !mayRead(identity)) return null;
      const caller = (identity && rateLimiter?.callerOf(identity, '')) ?? null;
      return { ...head, identity, caller, untilMs: identity?.expiresAtMs ?? Number.POSITIVE_INFINITY };
    });
  }
}
