import { Redis } from 'ioredis';

const DEADLINE_MS = 2000;

/** One command to the server, node or sentinel on that port of 127.0.0.1, over a connection of its own. */
export async function askRedis(
  port: number,
  command: string,
  ...words: (string | number)[]
): Promise<unknown> {
  const client = new Redis({
    port,
    host: '127.0.0.1',
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
export async function askInfo(port: number, section: string, field: string): Promise<string> {
  const text = String(await askRedis(port, 'INFO', section));
  return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
}
