import { connect } from 'node:net';

/** What one connection brought back, byte for byte. */
export interface Exchanged {
  readonly received: Buffer;
  /** `hung`: neither an answer nor an end within the bound. */
  readonly ending: 'closed' | 'hung' | 'refused';
}

export interface ExchangeOptions {
  readonly port: number;
  readonly bytes: Buffer;
  /** Whether our side ends as soon as all is sent: what is cut short then has to be noticed by its end. */
  readonly endsAtOnce: boolean;
  /** Whether our side never ends: the server has to. */
  readonly neverEnds?: boolean;
  /** Whether our side waits for an answer, however long it takes: to whole requests there has to be one. */
  readonly waitsForAnswer?: boolean;
  readonly boundMs: number;
}

/** A server may keep a connection open after its answer: our side ends it when nothing more comes. */
const QUIET_MS = 150;

/** Sends bytes on a connection of their own and gathers all that comes until it is closed. */
export function exchange({
  port,
  bytes,
  endsAtOnce,
  neverEnds = false,
  waitsForAnswer = false,
  boundMs,
}: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const chunks: Buffer[] = [];
    let isConnected = false;
    let quiet: NodeJS.Timeout | undefined;
    const done = (ending: Exchanged['ending']) => {
      clearTimeout(bound);
      clearTimeout(quiet);
      socket.destroy();
      resolve({ received: Buffer.concat(chunks), ending });
    };
    const bound = setTimeout(() => done('hung'), boundMs);
    const endWhenQuiet = () => {
      clearTimeout(quiet);
      if (!neverEnds) quiet = setTimeout(() => socket.end(), QUIET_MS);
    };
    socket.once('connect', () => {
      isConnected = true;
      socket.write(bytes);
      if (endsAtOnce) socket.end();
      else if (!waitsForAnswer) endWhenQuiet();
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (!endsAtOnce) endWhenQuiet();
    });
    // A server that refuses a long head hangs up before it has read all of it.
    socket.on('error', () => {});
    socket.once('close', () => done(isConnected ? 'closed' : 'refused'));
  });
}
