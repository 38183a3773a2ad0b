import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const WITHIN_MS = 10_000;

/** One GET whose target is sent byte for byte, also where no client would: characters above U+00FF have no byte. */
export function rawAsk(url: string, target: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error(`no answer to ${target.slice(0, 100)}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that refuses a long head may hang up before it has read all of it.
    socket.on('error', (error) => (chunks.length > 0 ? resolve(parse(chunks)) : reject(error)));
    socket.on('close', () => resolve(parse(chunks)));
    socket.write(
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`, 'latin1'),
    );
  });
}

function parse(chunks: readonly Buffer[]): RawAnswer {
  const text = Buffer.concat(chunks).toString();
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: text.slice(end + 4) };
}
