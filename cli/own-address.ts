import type { Config } from '../config.js';

/** Where the service of these settings is reached from this machine, without a slash at its end. */
export function ownAddress({ host, port, basePath }: Pick<Config, 'host' | 'port' | 'basePath'>): string {
  // Who listens everywhere is asked on loopback.
  const asked = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${asked.includes(':') ? `[${asked}]` : asked}:${port}${basePath}`;
}
