import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import {
  HistoryBodySchema,
  PeriodsBodySchema,
  StatisticsBodySchema,
} from '../services/statistics/report-schema.js';
import { about, bytesOf, problemSchema } from './schemas.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const JSON_TYPE = 'application/json; charset=utf-8';

const instant = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

/** GET /reports/cache-statistics/, with or without the last slash, and the minutes, days and weeks behind it. */
export const statisticsRoute: FastifyPluginAsyncTypebox = async (app) => {
  const urls = [
    ['/reports/cache-statistics/', 'readStatistics'],
    ['/reports/cache-statistics', 'readStatisticsToo'],
  ] as const;
  for (const [url, operationId] of urls) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      config: { access: 'statistics' },
      schema: {
        ...about(operationId, 'What the cache did', {
          tag: 'statistics',
          description: 'Counts over all live processes since their start, with or without the last slash.',
        }),
        response: { 200: bytesOf(StatisticsBodySchema), 500: problemSchema },
      },
      handler: async (_request, reply) => {
        reply.type(JSON_TYPE);
        return Buffer.from(JSON.stringify(await app.reports.statistics()));
      },
    });
  }

  app.route({
    method: ['GET', 'HEAD'],
    url: '/reports/cache-history',
    config: { access: 'statistics' },
    schema: {
      ...about('readHistory', 'The minutes behind the statistics', {
        tag: 'statistics',
        description:
          'The counters by minute, for up to eight days back; the last day where neither end is given.',
      }),
      querystring: Type.Object({
        from: instant('First instant, RFC 3339; default: a day before `to`'),
        to: instant('Instant after the last, RFC 3339; default: now'),
      }),
      response: { 200: bytesOf(HistoryBodySchema), 400: problemSchema, 500: problemSchema },
    },
    handler: async (request, reply) => {
      const { from, to } = request.query;
      // The minute that runs belongs to "until now".
      const toMs = to === undefined ? app.clock.nowMs() + 1 : Date.parse(to);
      const fromMs = from === undefined ? toMs - DAY_MS : Date.parse(from);
      reply.type(JSON_TYPE);
      return Buffer.from(JSON.stringify(await app.reports.history({ fromMs, toMs })));
    },
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/reports/cache-periods',
    config: { access: 'statistics' },
    schema: {
      ...about('readPeriods', 'What the cache did by day and by week', {
        tag: 'statistics',
        description: 'From a day on: seven days, then weeks, and all together; for up to 400 days back.',
      }),
      querystring: Type.Object({
        since: instant('An instant in the first day of UTC, RFC 3339; default: the first day that is known'),
      }),
      response: { 200: bytesOf(PeriodsBodySchema), 400: problemSchema, 500: problemSchema },
    },
    handler: async (request, reply) => {
      const { since } = request.query;
      reply.type(JSON_TYPE);
      const sinceDay = since === undefined ? null : Math.floor(Date.parse(since) / DAY_MS);
      return Buffer.from(JSON.stringify(await app.reports.periods(sinceDay)));
    },
  });
};
