import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import type { DashcacheError } from '../errors.js';
import { AssembledDashboards } from '../services/assembled-dashboards.js';
import type { CacheAnswer } from '../services/cache/answer.js';
import { Body, type Coding } from '../services/cache/body.js';
import { catalogue } from '../services/catalogue.js';
import type { PanelRequest } from '../services/dashboard-cache-service.js';
import type { Dashboard, Definitions } from '../services/definitions/model.js';
import { tenantFromIdentity } from '../services/definitions/tenant-from-identity.js';
import {
  dashboardBody,
  type PanelPart,
  paramsJson,
  withDashboardMembers,
} from '../services/http/dashboard-body.js';
import { type DataHeaders, dashboardHeaders, panelHeaders } from '../services/http/data-headers.js';
import { PROBLEM_TYPE, type Problem } from '../services/http/problem.js';
import type { Answered } from '../services/http/ready-store.js';
import { retryAfterSecondsOf } from '../services/http/status-of.js';
import { HeldOptions } from '../services/identity/held-options.js';
import { OPTIONS } from '../services/options-panel.js';
import type { PanelQuestion, Question } from '../services/questions.js';
import { type Delivery, headersOf } from './delivery.js';

declare module 'fastify' {
  interface FastifyReply {
    /** Reads a panel and delivers it: at once where it is fresh in memory. */
    answerPanel(asked: PanelQuestion): Sent;
    deliverPanel(asked: PanelQuestion, answer: CacheAnswer): Sent;
    /** The choices of a parameter; of the tenant only those whose data the request may see. */
    deliverOptions(asked: PanelQuestion, answer: CacheAnswer): Promise<Buffer>;
    deliverCatalogue(): Sent;
    deliverDashboard(question: Question, results: readonly PanelResult[]): Promise<Buffer>;
  }
}

type Sent = Buffer | Promise<Buffer>;

/** How the read of one panel of a dashboard ended. */
export type PanelResult =
  | { readonly read: PanelRequest; readonly answer: CacheAnswer }
  | { readonly read: PanelRequest; readonly problem: Problem; readonly error: DashcacheError };

type FailedPanel = Extract<PanelResult, { problem: Problem }>;

export interface DataAnswersOptions {
  /** What assembled dashboards may take in memory, beside the entries. */
  readonly assembledMaxBytes: number;
}

/** Turns what the cache gave into answers: bytes as they are, and the headers that tell of freshness. */
async function dataAnswers(app: FastifyInstance, options: DataAnswersOptions): Promise<void> {
  const { clock, credentials, tenants } = app;
  const isOpen = credentials === null;
  // Where nobody has to say who he is only a tenant decides what is seen.
  const isShared = ({ tenantParameter }: Dashboard) => isOpen && tenantParameter === null;
  const chosen = new HeldOptions();
  const assembled = new AssembledDashboards({ maxBytes: options.assembledMaxBytes });

  app.decorateReply('answerPanel', function answerPanel(asked) {
    const { request } = this;
    const now = request.readPanelNow(asked.read);
    if (now) return this.deliverPanel(asked, now);
    return request.readPanel(asked.read).then((answer) => this.deliverPanel(asked, answer));
  });
  app.decorateReply('deliverPanel', function deliverPanel(asked, answer) {
    const { question } = asked;
    const { panel } = asked.read;
    const { body, etag } = answer.entry;
    const reuse = { client: panel.client, shared: isShared(question.dashboard) };
    const sent = this.deliver({ body, etag, headers: panelHeaders(answer, reuse, clock.nowMs()) });
    const learned = (bytes: Buffer) => {
      const coding = this.request.delivery?.coding ?? 'identity';
      makeReady(this, bytes, { ...readyPanel(coding, reuse), question, answers: [answer] });
      return bytes;
    };
    return Buffer.isBuffer(sent) ? learned(sent) : sent.then(learned);
  });
  app.decorateReply('deliverOptions', async function deliverOptions({ question, read }, answer) {
    const { dashboard } = question;
    const { panel } = read;
    const held = tenants.held(this.request.identity, dashboard);
    const parameter = dashboard.parameters.get(dashboard.tenantParameter ?? '');
    const { entry } = answer;
    const isOfTenants = panel.id === `${OPTIONS}${parameter?.name}`;
    const content = isOfTenants && parameter && held ? await chosen.of(entry, { parameter, held }) : entry;
    const reuse = { client: panel.client, shared: isShared(dashboard) };
    return this.deliver({ ...content, headers: panelHeaders(answer, reuse, clock.nowMs()) });
  });
  app.decorateReply('deliverCatalogue', function deliverCatalogue() {
    return this.deliver(preparedCatalogue(app.definitions.current, isOpen));
  });
  app.decorateReply('deliverDashboard', async function deliverDashboard(question, results) {
    const { dashboard } = question;
    const failed = results.filter((result) => 'problem' in result);
    const reuse = { clients: results.map(({ read }) => read.panel.client), shared: isShared(dashboard) };
    const headers = dashboardHeaders(results.map(outcomeOf), reuse, clock.nowMs());
    const params = paramsJson(question.parameters);
    if (failed.length > 0) return deliverPartly(this, { question, params, results, failed, headers });
    const answered = results.filter((result) => 'answer' in result);
    const content = {
      dashboardId: dashboard.id,
      paramsJson: params,
      panelEtags: answered.map(({ read, answer }) => [read.panel.id, answer.entry.etag] as const),
    };
    const whole = await assembled.of(content, async () =>
      dashboardBody(dashboard.id, params, await partsOf(answered)),
    );
    const sent = this.deliver({ ...whole, headers });
    const panelIds = answered.map(({ read }) => read.panel.id);
    const coding = this.request.delivery?.coding ?? 'identity';
    const answers = answered.map(({ answer }) => answer);
    // Where a coding has yet to be made, the next one finds it.
    if (Buffer.isBuffer(sent))
      makeReady(this, sent, { ...readyWhole(sent, { panelIds, reuse }), question, answers, coding });
    return sent;
  });
}

/** Of a panel. A closure made beside the entry would keep it alive. */
function readyPanel(
  coding: Coding,
  reuse: Parameters<typeof panelHeaders>[1],
): Pick<Answered, 'coding' | 'headersAt' | 'bytesOf' | 'ownBytes'> {
  return {
    coding,
    headersAt: ([given], nowMs) => (given ? panelHeaders(given, reuse, nowMs) : {}),
    // Kept by the cache, as long as it is.
    bytesOf: ([given]) => given?.entry.body.ready(coding),
    ownBytes: 0,
  };
}

/** Of a whole dashboard. */
function readyWhole(
  bytes: Buffer,
  { panelIds, reuse }: { panelIds: readonly string[]; reuse: Parameters<typeof dashboardHeaders>[1] },
): Pick<Answered, 'headersAt' | 'bytesOf' | 'ownBytes'> {
  return {
    headersAt: (answers, nowMs) => {
      const outcomes = answers.map((answer, i) => ({ panelId: panelIds[i] ?? '', answer }));
      return dashboardHeaders(outcomes, reuse, nowMs);
    },
    bytesOf: () => bytes,
    ownBytes: bytes.length,
  };
}

/** Lets the next one who asks the same be answered at once. */
function makeReady(
  reply: FastifyReply,
  bytes: Buffer,
  answered: Omit<Answered, 'headers' | 'keepAliveTimeoutMs'>,
): void {
  const { request, server } = reply;
  const { delivery } = request;
  if (delivery === null) return;
  server.readyAnswers?.learn(request.raw, {
    ...answered,
    headers: () => {
      const all = { ...reply.getHeaders(), ...headersOf(delivery, reply), 'content-length': bytes.length };
      return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]));
    },
  });
}

const catalogues = new WeakMap<Definitions, Delivery>();

/** Written once for each load of the definitions. */
function preparedCatalogue(definitions: Definitions, isOpen: boolean): Delivery {
  const kept = catalogues.get(definitions);
  if (kept) return kept;
  const bytes = Buffer.from(
    JSON.stringify(catalogue(isOpen ? definitions : tenantFromIdentity(definitions))),
  );
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
  const delivery = {
    body: Body.of(bytes),
    etag,
    headers: { 'cache-control': isOpen ? 'no-cache' : 'private, no-cache' },
  };
  catalogues.set(definitions, delivery);
  return delivery;
}

/** Some panels failed: what there is, with nothing to keep; if all failed, a problem that holds theirs. */
async function deliverPartly(
  reply: FastifyReply,
  given: {
    question: Question;
    params: string;
    results: readonly PanelResult[];
    failed: readonly FailedPanel[];
    headers: DataHeaders;
  },
): Promise<Buffer> {
  const { question, params, results, failed, headers } = given;
  const dashboardId = question.dashboard.id;
  const parts = await partsOf(results);
  if (failed.length < results.length) {
    const body = Body.of(dashboardBody(dashboardId, params, parts));
    return reply.deliver({ body, etag: null, headers });
  }
  const worst = failed.reduce((a, b) => (b.problem.status > a.problem.status ? b : a));
  const retryAfterSeconds = Math.max(...failed.map(({ error }) => retryAfterSecondsOf(error) ?? 0));
  reply.code(worst.problem.status);
  return reply.deliver({
    body: Body.of(withDashboardMembers(worst.problem, { dashboardId, params, parts })),
    etag: null,
    headers: { ...headers, ...(retryAfterSeconds > 0 && { 'retry-after': String(retryAfterSeconds) }) },
    contentType: PROBLEM_TYPE,
  });
}

function partsOf(results: readonly PanelResult[]): Promise<PanelPart[]> {
  return Promise.all(
    results.map(async (result) => ({
      panelId: result.read.panel.id,
      bytes:
        'answer' in result
          ? await result.answer.entry.body.bytes('identity')
          : Buffer.from(JSON.stringify({ problem: result.problem })),
    })),
  );
}

function outcomeOf(result: PanelResult) {
  const panelId = result.read.panel.id;
  return 'answer' in result ? { panelId, answer: result.answer } : { panelId, status: result.problem.status };
}

export default fp(dataAnswers, {
  name: 'data-answers',
  fastify: '5.x',
  dependencies: ['clock', 'cache-monitor', 'definitions', 'identity', 'tenant'],
});
