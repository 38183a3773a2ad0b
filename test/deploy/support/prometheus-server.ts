import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../helpers/free-port.js';
import type { Lifetime } from '../../helpers/lifetime.js';
import { childEnvironment } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { until } from '../../integration/support/until.js';

/** A sample of an instant query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

export interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A real Prometheus of the test's own, which scrapes services every second and evaluates rules as often. */
export interface PrometheusServer {
  /** What an instant query gives now. Rejects with what Prometheus says of one that is wrong. */
  query(expression: string): Promise<readonly Sample[]>;
  rules(): Promise<readonly RuleState[]>;
}

/** Starts `prometheus` (of Debian's package prometheus, in PATH or PROMETHEUS) on a free port of 127.0.0.1. */
export async function startPrometheus(
  t: Lifetime,
  options: { readonly targets: readonly string[]; readonly rulesFile: string },
): Promise<PrometheusServer> {
  const folder = tempFolder(t);
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: [{ job_name: 'dashcache', static_configs: [{ targets: options.targets }] }],
    rule_files: [options.rulesFile],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    process.env['PROMETHEUS'] ?? 'prometheus',
    [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { cwd: folder, env: childEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  t.teardown(async () => {
    process.removeListener('exit', kill);
    kill();
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  if (!(await until(isReady, { withinMs: 30_000 }))) throw new Error(`Prometheus did not start:\n${said}`);
  return {
    query: async (expression) => {
      const address = `${url}/api/v1/query?${new URLSearchParams({ query: expression })}`;
      return (await asked<{ result: Sample[] }>(address)).result;
    },
    rules: async () => {
      const { groups } = await asked<{ groups: { rules: RuleState[] }[] }>(`${url}/api/v1/rules`);
      return groups.flatMap(({ rules }) => rules);
    },
  };
}

async function asked<T>(address: string): Promise<T> {
  const body = (await (await fetch(address)).json()) as { status: string; error?: string; data: T };
  if (body.status !== 'success') throw new Error(`${body.error}: ${address}`);
  return body.data;
}
