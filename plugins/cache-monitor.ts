import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { CacheAnswer } from '../services/cache/answer.js';
import type { Body, Coding } from '../services/cache/body.js';
import type { DashboardReader } from '../services/dashboard-cache-service.js';
import type { Panel } from '../services/definitions/model.js';
import { negotiateCoding } from '../services/http/accept-encoding.js';
import { matchingTag } from '../services/http/conditional.js';
import type { DataHeaders } from '../services/http/data-headers.js';
import { entityTag } from '../services/http/entity-tag.js';
import { varyWith } from '../services/http/vary.js';
import type { ReadLayer, ReadOutcome } from '../services/statistics/recorder.js';

declare module 'fastify' {
  interface FastifyRequest {
    startedAtMs: number;
    /** null where a request was answered before it came to us, e.g. by a hook of a host. */
    reads: PanelRead[] | null;
    delivery: (Delivery & { coding: Coding }) | null;
    /** Reads one panel and notes how it ended; rejects as the reader does. */
    readPanel(read: Parameters<DashboardReader['read']>[0]): Promise<CacheAnswer>;
  }
  interface FastifyReply {
    /** The bytes of a data answer in the coding that the request wants; onSend adds the headers and may make it a 304. */
    deliver(delivery: Delivery): Buffer | Promise<Buffer>;
  }
}

/** A data answer that is ready to be sent. */
export interface Delivery {
  readonly body: Body;
  /** Without quotes and suffix; null where nothing may be kept. */
  readonly etag: string | null;
  readonly headers: DataHeaders;
  /** When it is not JSON. */
  readonly contentType?: string;
}

interface PanelRead {
  readonly panel: Panel;
  readonly outcome: ReadOutcome;
  readonly layer: ReadLayer;
  readonly endedAtMs: number;
}

export interface CacheMonitorOptions {
  /** CACHE_MONITORING: without it reads are neither timed nor counted; headers and 304 stay. */
  readonly enabled: boolean;
}

/** Times and counts every panel read, and gives data answers their headers. */
async function cacheMonitor(app: FastifyInstance, { enabled }: CacheMonitorOptions): Promise<void> {
  const { clock } = app;
  app.decorateRequest('startedAtMs', 0);
  // Arrays may not be shared between requests: each gets its own in onRequest.
  app.decorateRequest('reads', null);
  app.decorateRequest('delivery', null);
  app.decorateRequest('readPanel', function readPanel(read) {
    return noteRead(this, read);
  });
  app.decorateReply('deliver', deliver);

  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAtMs = clock.monotonicMs();
    request.reads = [];
    done();
  });
  if (enabled) {
    app.addHook('onSend', (request, _reply, payload, done) => {
      stopClock(request);
      done(null, payload);
    });
  }
  app.addHook('onSend', (request, reply, payload, done) => done(null, dress(request, reply, payload)));
}

async function noteRead(
  request: FastifyRequest,
  read: Parameters<DashboardReader['read']>[0],
): Promise<CacheAnswer> {
  const { panel } = read;
  const { clock, dashboardReader } = request.server;
  try {
    const answer = await dashboardReader.read(read);
    const { outcome, layer } = answer;
    request.reads?.push({ panel, outcome, layer, endedAtMs: clock.monotonicMs() });
    return answer;
  } catch (error) {
    request.reads?.push({ panel, outcome: 'error', layer: 'source', endedAtMs: clock.monotonicMs() });
    throw error;
  }
}

/** Latency is until the answer is sent; panels of one dashboard end apart, and a fast one must not show the slowest's. */
function stopClock(request: FastifyRequest): void {
  const { reads, server } = request;
  if (reads === null) return;
  const nowMs = server.clock.monotonicMs();
  // An error after this would send, and count, once more.
  request.reads = [];
  for (const { panel, outcome, layer, endedAtMs } of reads) {
    const latencyMs = (reads.length === 1 ? nowMs : endedAtMs) - request.startedAtMs;
    server.observer.read(panel.dashboardId, panel.id, { outcome, layer, latencyMs });
  }
}

function deliver(this: FastifyReply, delivery: Delivery): Buffer | Promise<Buffer> {
  const { request } = this;
  const { body } = delivery;
  const coding = negotiateCoding(request.headers['accept-encoding'], body.isCoded);
  const ready = (bytes: Buffer) => {
    request.delivery = { ...delivery, coding };
    this.type(delivery.contentType ?? 'application/json; charset=utf-8');
    return bytes;
  };
  const bytes = body.ready(coding);
  return bytes ? ready(bytes) : Promise.resolve(body.bytes(coding)).then(ready);
}

/** Adds the headers of a data answer; null instead of its bytes when the reader has them already (RFC 9110 section 13.1.2). */
function dress(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { delivery } = request;
  request.delivery = null;
  if (delivery === null) return payload;
  const { coding, etag } = delivery;
  reply.headers(delivery.headers);
  reply.header('vary', varyWith(reply.getHeader('vary'), 'Accept-Encoding'));
  const held = etag === null ? null : matchingTag(request.headers['if-none-match'], etag, coding);
  if (held !== null) {
    reply.code(304).header('etag', held).removeHeader('content-type');
    return null;
  }
  if (etag !== null) reply.header('etag', entityTag(etag, coding));
  if (coding !== 'identity') reply.header('content-encoding', coding);
  return payload;
}

export default fp(cacheMonitor, {
  name: 'cache-monitor',
  fastify: '5.x',
  dependencies: ['clock', 'dashboard-cache', 'statistics'],
});
