import type { Log } from '../../services/log.js';

interface LogLine {
  readonly level: keyof Log;
  readonly details: object;
  readonly message: string;
}

/** A log that a test reads afterwards. */
export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];

  debug(details: object, message: string): void {
    this.lines.push({ level: 'debug', details, message });
  }

  info(details: object, message: string): void {
    this.lines.push({ level: 'info', details, message });
  }

  warn(details: object, message: string): void {
    this.lines.push({ level: 'warn', details, message });
  }

  error(details: object, message: string): void {
    this.lines.push({ level: 'error', details, message });
  }
}
