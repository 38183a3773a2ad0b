import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type DestinationStream, type LevelWithSilent, type LoggerOptions } from 'pino';

/** As the settings LOG_LEVEL and LOG_FILE say. */
export interface LogSettings {
  readonly logLevel: LevelWithSilent;
  readonly logFile: string | null;
}

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

const STDOUT = 1;

/** What JSON lets stand as it is and a terminal obeys or shows in another order; the rest of the controls JSON escapes itself. */
const CONTROLS = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A line of the log, with nothing in it that commands who reads it. */
function printableLine(line: string): string {
  return line.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON lines to stdout, and with LOG_FILE to that file as well; its folder is made. Throws when it cannot be written. */
export function loggerOptions({
  logLevel: level,
  logFile,
}: LogSettings): LoggerOptions & { readonly stream?: DestinationStream } {
  const options = {
    level,
    redact: { paths: REDACTED, censor: '(redacted)' },
    hooks: { streamWrite: printableLine },
  };
  if (logFile === null || level === 'silent') return options;
  const stream = pino.multistream([
    { level, stream: pino.destination(STDOUT) },
    { level, stream: fileStream(logFile) },
  ]);
  return { ...options, stream };
}

function fileStream(logFile: string) {
  try {
    mkdirSync(dirname(logFile), { recursive: true });
    closeSync(openSync(logFile, 'a'));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unwritable';
    throw new Error(`LOG_FILE names ${logFile}, which cannot be written (${reason})`, { cause: error });
  }
  // Lines are few and small, and the last ones before an end matter most: written as they come.
  const stream = pino.destination({ dest: logFile, sync: true });
  // A disk that fills up later must not end the service; stdout still has the lines.
  stream.on('error', () => {});
  return stream;
}
