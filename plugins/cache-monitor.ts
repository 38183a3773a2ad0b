import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { CacheAnswer } from '../services/cache/answer.js';
import type { DashboardReader } from '../services/dashboard-cache-service.js';
import type { Panel } from '../services/definitions/model.js';
import type { BegunRead } from '../services/http/ready-answers.js';
import type { ReadLayer, ReadOutcome } from '../services/statistics/recorder.js';
import delivery from './delivery.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It answers with all panels of a dashboard: timed as a whole as well. */
    isDashboard?: true;
  }
  interface FastifyRequest {
    startedAtMs: number;
    /** null where a request was answered before it came to us, e.g. by a hook of a host. */
    reads: PanelRead[] | null;
    /** Reads one panel and notes how it ended; rejects as the reader does. */
    readPanel(read: Parameters<DashboardReader['read']>[0]): Promise<CacheAnswer>;
    /** The same where nothing has to be waited for; null: it has to be read. */
    readPanelNow(read: Parameters<DashboardReader['readNow']>[0]): CacheAnswer | null;
    /** Counts what was read after the answer had begun: a stream is sent before its reads have ended. */
    countReads(): void;
  }
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

/** Times and counts every panel read; what is delivered gets its headers. */
async function cacheMonitor(app: FastifyInstance, { enabled }: CacheMonitorOptions): Promise<void> {
  const { clock } = app;
  app.decorateRequest('startedAtMs', 0);
  // Arrays may not be shared between requests: each gets its own in onRequest.
  app.decorateRequest('reads', null);
  app.decorateRequest('readPanel', function readPanel(read) {
    return noteRead(this, read);
  });
  app.decorateRequest('readPanelNow', function readPanelNow(read) {
    const hasToRead = this.mayReload() || begunRead(this) !== undefined;
    const answer = hasToRead ? null : app.dashboardReader.readNow(read);
    if (answer) noteAnswer(this, read.panel, answer);
    return answer;
  });

  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAtMs = begunRead(request)?.startedMs ?? clock.monotonicMs();
    request.reads = [];
    done();
  });
  app.decorateRequest('countReads', function countReads() {
    if (enabled) stopClock(this);
  });
  if (enabled) {
    app.addHook('onSend', (request, _reply, payload, done) => {
      stopClock(request);
      done(null, payload);
    });
  }
  // Its hook comes after ours: the clock stops when the bytes are there.
  await app.register(delivery);
}

/** What came first may have begun the read of a request that it could not answer. */
function begunRead({ server, raw }: FastifyRequest): BegunRead | undefined {
  return server.readyAnswers?.begunRead(raw);
}

async function noteRead(
  request: FastifyRequest,
  read: Parameters<DashboardReader['read']>[0],
): Promise<CacheAnswer> {
  const { panel } = read;
  const { clock, dashboardReader } = request.server;
  try {
    const begun = begunRead(request)?.answer;
    const answer = await (begun ??
      (request.mayReload() ? dashboardReader.reload(read) : dashboardReader.read(read)));
    noteAnswer(request, panel, answer);
    return answer;
  } catch (error) {
    request.reads?.push({ panel, outcome: 'error', layer: 'source', endedAtMs: clock.monotonicMs() });
    throw error;
  }
}

function noteAnswer(request: FastifyRequest, panel: Panel, { outcome, layer }: CacheAnswer): void {
  request.reads?.push({ panel, outcome, layer, endedAtMs: request.server.clock.monotonicMs() });
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
  // One of which nothing was there was not loaded.
  if (request.routeOptions.config.isDashboard && reads.some(({ outcome }) => outcome !== 'error'))
    server.observer.dashboardLoad(nowMs - request.startedAtMs);
}

export default fp(cacheMonitor, {
  name: 'cache-monitor',
  fastify: '5.x',
  dependencies: ['clock', 'dashboard-cache', 'statistics'],
});
