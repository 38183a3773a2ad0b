import { Writable } from 'node:stream';
import type { Test } from 'tap';
import { loggerOptions } from '../../../services/logger-options.js';
import { type ListeningApp, type ListeningOptions, listeningApp } from './listening-app.js';

export interface LoggedApp extends ListeningApp {
  /** What the log holds so far, as it was written: lines that end in a line feed. */
  logText(): string;
}

/** The whole service in this process, with its log as it would be written. */
export async function loggedApp(t: Test, options: Omit<ListeningOptions, 'logger'>): Promise<LoggedApp> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const app = await listeningApp(t, {
    ...options,
    logger: Object.assign({ stream }, loggerOptions({ logLevel: 'info', logFile: null })),
  });
  return { ...app, logText: () => text };
}
