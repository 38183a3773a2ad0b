import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import { type AppOverrides, buildApp } from './app.js';
import { describeConfig } from './config/describe-config.js';
import type { Config } from './config.js';

/** Shorter than the 10 s after which container runtimes kill. */
const DRAIN_MS = 9500;

/** The address cannot be listened on; the message says what to do. */
export class ListenFault extends Error {}

/** An address worth opening. */
export interface Address {
  readonly label: string;
  readonly url: string;
}

/**
 * The process: builds the app, listens, and closes it on SIGTERM and SIGINT (exit 0, or 1 when draining took too long); SIGHUP
 * reloads the definitions and the API keys.
 * Resolves to the addresses to open. Rejects with ListenFault, or with what buildApp rejects with.
 */
export async function startServer(
  config: Config,
  overrides: Pick<AppOverrides, 'workers'> = {},
): Promise<readonly Address[]> {
  const app = await buildApp(config, overrides);
  app.log.info({ settings: describeConfig(config) }, 'Settings');
  for (const warning of config.warnings) app.log.warn(warning);
  const grace = closeOnSignals(app.log, () => app.close());
  const reload = () => {
    app.definitions.reload();
    app.credentials?.reload();
  };
  process.on('SIGHUP', reload);
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (error) {
    process.removeListener('SIGHUP', reload);
    grace.uninstall();
    await app.close();
    throw listenFault(error, config);
  }
  return addresses(app, config);
}

/** Ends the process once that is closed: with 0, or with 1 when it took too long. */
export function closeOnSignals(
  log: Pick<FastifyInstance['log'], 'error' | 'fatal' | 'info'>,
  close: () => Promise<unknown>,
): { uninstall(): void } {
  return closeWithGrace(
    { delay: DRAIN_MS, skip: ['SIGHUP', 'SIGUSR2'], logger: { error: (message) => log.error(message) } },
    async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'Stopping: an error that nothing expected');
      else log.info(`Stopping${signal ? ` on ${signal}` : ''}`);
      await close();
    },
  );
}

function listenFault(error: unknown, { host, port }: Config): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new ListenFault(
      `Port ${port} on ${host} is taken by another process: stop that one, or choose another port with PORT or --port`,
    );
  }
  if (code === 'EACCES')
    return new ListenFault(`Port ${port} needs rights that this user lacks: choose one above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new ListenFault(`HOST is ${host}, which is no address of this machine`);
  }
  return error;
}

const PAGES: readonly (readonly [label: string, path: string])[] = [
  ['Dashboard page', '/'],
  ['Monitoring page', '/monitoring'],
  ['Dashboards', '/dashboards'],
  ['Statistics', '/reports/cache-statistics/'],
  ['Prometheus', '/metrics'],
  ['Health', '/health/ready'],
  ['API', '/documentation'],
];

function addresses(app: FastifyInstance, config: Config): Address[] {
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound ? bound.port : config.port;
  const base = `http://${openable(config.host)}:${port}${config.basePath}`;
  return PAGES.filter(([, path]) => app.hasRoute({ method: 'GET', url: `${config.basePath}${path}` })).map(
    ([label, path]) => ({ label, url: `${base}${path}` }),
  );
}

/** An address to listen everywhere is none to open. */
function openable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
