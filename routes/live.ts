import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { LivePanel } from '../services/live/live-panel.js';
import type { LiveStream } from '../services/live/live-stream.js';
import { about, dashboardParams, problemSchema } from './schemas.js';

const EXAMPLE = [
  'retry: 2000\n\n',
  'event: panel\nid: Yk3v0x1a\ndata: {"panel":"summary","etag":"\\"abc\\"","freshness":{"outcome":"hit","age":3,"ttl":297,' +
    '"layer":"l1","stale_at":"2026-01-01T00:05:00.000Z"},"body":{"dashboard":"operations","panel":"summary",...}}\n\n',
].join('');

const events = Type.Unsafe<LiveStream | undefined>(
  Type.String({
    description:
      'Events: `panel` (the content of a panel, now and whenever it changes), `problem` (why a panel has none), `freshness` (the same ' +
      'content, renewed or stale by now), `end` (why the stream ends: drain, expired, forbidden, reload).',
    examples: [EXAMPLE],
  }),
);

/** GET /dashboards/:dashboard/live: the panels of a dashboard as they change, as Server-Sent Events. */
export const liveRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/live',
    config: { access: 'reader' },
    schema: {
      ...about('watchDashboard', 'All panels of a dashboard, as they change', {
        tag: 'data',
        description:
          'Server-Sent Events (text/event-stream). Come back with `Last-Event-ID`, to any process, to be sent only what differs from ' +
          'what you have.',
      }),
      params: dashboardParams,
      response: {
        200: { content: { 'text/event-stream': { schema: events } } },
        400: problemSchema,
        404: problemSchema,
        500: problemSchema,
        503: problemSchema,
      },
    },
    handler: async (request, reply) => {
      const { dashboard } = request.params;
      reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      // Balancers that gather answers are asked not to.
      reply.header('x-accel-buffering', 'no');
      if (request.method === 'HEAD') {
        request.dashboardAsked(dashboard);
        return reply.send(undefined);
      }
      const stream = request.openLive(() => request.dashboardAsked(dashboard));
      void begin(request, stream);
      return reply.send(stream);
    },
  });
};

/** The first look of every reader is a read as any other; what follows is nobody's in particular. */
async function begin(request: FastifyRequest, stream: LiveStream): Promise<void> {
  const look = async (panel: LivePanel, index: number) => {
    try {
      await panel.found(await request.readPanel(panel.asked));
    } catch (error) {
      panel.failed(request.problem(error).error);
    }
    stream.tell(index, 'panel');
  };
  await Promise.all(stream.dashboard.panels.map(look));
  request.countReads();
}
