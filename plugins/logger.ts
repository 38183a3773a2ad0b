import type { FastifyServerOptions } from 'fastify';
import pino from 'pino';
import type { Config } from '../config.js';

/** What may never stand in the log, whoever logs it. */
const REDACTED = [
  'req.headers.authorization',
  'req.headers.cookie',
  'req.headers["x-api-key"]',
  'headers.authorization',
  'headers.cookie',
  'headers["x-api-key"]',
  'res.headers["set-cookie"]',
];

/** JSON lines to stdout, and with LOG_FILE to that file as well; its folder is made. */
export function loggerOptions({
  logLevel: level,
  logFile,
}: Pick<Config, 'logLevel' | 'logFile'>): NonNullable<FastifyServerOptions['logger']> {
  const options = { level, redact: { paths: REDACTED, censor: '(redacted)' } };
  if (logFile === null || level === 'silent') return options;
  const file = pino.destination({ dest: logFile, mkdir: true, sync: false });
  const stream = pino.multistream([
    { level, stream: process.stdout },
    { level, stream: file },
  ]);
  return { ...options, stream };
}
