import { Redis } from 'ioredis';

const DEADLINE_MS = 2000;

/** A port of 127.0.0.1, or a URL where it takes a password or TLS; whose certificate it is does not matter. */
export type Asked = number | string;

/** One command to that server, node or sentinel, over a connection of its own. */
export async function askRedis(
  asked: Asked,
  command: string,
  ...words: (string | number)[]
): Promise<unknown> {
  const url = typeof asked === 'number' ? `redis://127.0.0.1:${asked}` : asked;
  const client = new Redis(url, {
    ...(url.startsWith('rediss:') ? { tls: { rejectUnauthorized: false } } : {}),
    // Answers as the commands' documentation shows them: lists, no maps.
    protocol: 2,
    lazyConnect: true,
    connectTimeout: DEADLINE_MS,
    commandTimeout: DEADLINE_MS,
    enableReadyCheck: false,
    retryStrategy: null,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(command, ...words);
  } finally {
    client.disconnect();
  }
}

/** A field of INFO, or '' when it is not there. */
export async function askInfo(asked: Asked, section: string, field: string): Promise<string> {
  const text = String(await askRedis(asked, 'INFO', section));
  return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
}
