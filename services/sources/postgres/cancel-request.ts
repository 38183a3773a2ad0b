import pg, { type ClientConfig } from 'pg';

interface CancelConnection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'end', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  readonly stream: { destroy(): void; unref?(): void };
}

/** Names a running backend to the server, as it told its client when it began. */
export interface BackendKey {
  readonly processId: number;
  readonly secretKey: number;
}

/**
 * Asks the server, over a connection of its own, to end what a backend runs (protocol 3.0, 53.2.9). Resolves when the server
 * has closed that connection, which it does after it has passed the request on; it is no promise that anything ended. It is
 * also resolved after `withinMs`: a server that does not answer cannot be asked.
 */
export function sendCancelRequest(config: ClientConfig, key: BackendKey, withinMs: number): Promise<void> {
  const { host = '', port = 5432, ssl } = config;
  const connection = new pg.Connection({ ssl: ssl ?? false }) as unknown as CancelConnection;
  return new Promise((resolve) => {
    const timer = setTimeout(() => connection.stream.destroy(), withinMs);
    const send = () => connection.cancel(key.processId, key.secretKey);
    connection.on('connect', () => (ssl ? connection.requestSsl() : send()));
    connection.on('sslconnect', send);
    connection.on('error', () => connection.stream.destroy());
    connection.on('end', () => {
      clearTimeout(timer);
      resolve();
    });
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}
