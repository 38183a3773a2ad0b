import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { settingNames } from '../../config.js';
import { parseSize } from '../../services/definitions/duration.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startPostgres } from '../helpers/postgres-server.js';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ask } from '../integration/support/ask.js';
import { builtService } from '../integration/support/built-service.js';
import { kubernetesFaults } from './support/kubernetes-faults.js';
import { manifestOf, manifests } from './support/manifests.js';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
}

interface Deployment {
  readonly replicas?: number;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly strategy: unknown;
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly terminationGracePeriodSeconds: number;
      readonly containers: readonly [Container];
      readonly volumes: readonly {
        readonly name: string;
        readonly emptyDir?: { readonly sizeLimit: string };
      }[];
    };
  };
}

interface Rule {
  readonly ports: readonly { readonly protocol: string; readonly port: number | string }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
}

interface Policy {
  readonly policyTypes: readonly string[];
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** What a process takes beside its entries (docs/capacity.md). */
const PROCESS_BYTES = 250e6;
const DUCKDB_SHARE = 1 / 3;

/** What the service takes at most for what is under way (server.ts). */
const DRAIN_SECONDS = 9.5;

const { spec: deployment } = manifestOf<Deployment>('Deployment');
const { spec: pod } = deployment.template;
const [container] = pod.containers;

t.test('every manifest is what the schema of Kubernetes for its kind allows', async (t) => {
  t.equal(manifests().length, 7);
  for (const { file, ...manifest } of manifests()) t.same(kubernetesFaults(manifest), [], file);

  await t.test('control: a wrong type, a missing and an unknown field are found', async (t) => {
    const wrong = (change: (manifest: { spec: Record<string, unknown> }) => void) => {
      const { file, ...manifest } = structuredClone(
        manifestOf<Record<string, unknown>>('HorizontalPodAutoscaler'),
      );
      change(manifest);
      return kubernetesFaults(manifest).join();
    };
    t.match(
      wrong(({ spec }) => Object.assign(spec, { minReplicas: 'three' })),
      /minReplicas must be integer/,
    );
    t.match(
      wrong(({ spec }) => delete spec['scaleTargetRef']),
      /required property scaleTargetRef/,
    );
    t.equal(
      wrong(({ spec }) => Object.assign(spec, { minReplica: 3 })),
      '/spec/minReplica is not known',
    );
  });
});

t.test('the pods run without rights, on a root that they cannot write', async (t) => {
  t.match(pod, {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  });
  t.match(container, {
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: /./, memory: /./ }, limits: { memory: /./ } },
  });
  t.notMatch(
    JSON.stringify(manifests()),
    /"kind":"Secret"|postgres:\/\/|redis:\/\//,
    'no secret is written down',
  );
});

t.test(
  'a roll-out takes no replica away before another is ready, and none before it has finished',
  async (t) => {
    t.same(deployment.strategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    const [program, seconds] = container.lifecycle.preStop.exec.command;
    t.equal(program, 'sleep');
    t.ok(Number(seconds) + DRAIN_SECONDS < pod.terminationGracePeriodSeconds);
    t.equal(deployment.replicas, undefined, 'the autoscaler says how many');
    t.match(manifestOf('PodDisruptionBudget').spec, { maxUnavailable: 1 });
  },
);

t.test(
  'entries, the process and a DuckDB fit into the memory of a pod, and what DuckDB spills into its volume',
  async (t) => {
    const bytesOf = (text = '') => parseSize(text.replace(/i$/, 'iB')) ?? Number.NaN;
    const limitBytes = bytesOf(container.resources.limits.memory);
    const entriesBytes = bytesOf(container.env.find(({ name }) => name === 'MEMORY_MAX_BYTES')?.value);
    t.ok(entriesBytes + PROCESS_BYTES + limitBytes * DUCKDB_SHARE < limitBytes);
    const spill = pod.volumes.find(({ name }) => name === 'spill')?.emptyDir?.sizeLimit;
    const source = readFileSync(
      new URL('../../services/sources/duckdb/duckdb-database.ts', import.meta.url),
      'utf8',
    );
    const [, mostText] = /MAX_SPILL = '(\S+)'/.exec(source) ?? [];
    t.ok(bytesOf(spill) > bytesOf(mostText), 'else the pod would be evicted by a large query');
  },
);

t.test('a pod reaches names, Redis, the database and its like, and nothing else is let out', async (t) => {
  const { policyTypes, ingress, egress } = manifestOf<Policy>('NetworkPolicy').spec;
  t.same(policyTypes, ['Ingress', 'Egress']);
  t.same(egress.flatMap(({ ports }) => ports.map(({ protocol, port }) => `${protocol} ${port}`)).sort(), [
    'TCP 26379',
    'TCP 53',
    'TCP 5432',
    'TCP 6379',
    'TCP http',
    'UDP 53',
  ]);
  for (const { to = [] } of egress) t.ok(to.length > 0, 'to somebody, not to all');
  for (const { from = [], ports } of ingress) {
    t.ok(from.length > 0, 'from somebody, not from all');
    t.match(ports, [{ port: 'http' }]);
  }
  // An audit that is run in a replica asks all of them.
  const isOwn = ({ podSelector }: Peer) => podSelector?.matchLabels['app.kubernetes.io/name'] === 'dashcache';
  t.ok(ingress.some(({ from = [] }) => from.some(isOwn)));
  t.ok(egress.some(({ to = [], ports }) => to.some(isOwn) && ports.some(({ port }) => port === 'http')));
});

t.test('all that is named elsewhere is there', async (t) => {
  const { labels } = deployment.template.metadata;
  t.same(deployment.selector.matchLabels, labels);
  for (const name of ['dashcache', 'dashcache-replicas'])
    t.match(manifestOf('Service', name).spec, { selector: labels, ports: [{ targetPort: 'http' }] });
  t.match(manifestOf('PodDisruptionBudget').spec, { selector: { matchLabels: labels } });
  t.match(manifestOf('NetworkPolicy').spec, { podSelector: { matchLabels: labels } });
  t.match(manifestOf('HorizontalPodAutoscaler').spec, {
    scaleTargetRef: { kind: 'Deployment', name: 'dashcache' },
  });
  t.match(container.ports, [{ name: 'http', containerPort: 8000 }]);
  t.same(container.volumeMounts.map(({ name }) => name).sort(), pod.volumes.map(({ name }) => name).sort());
  t.match(pod.volumes, [
    { configMap: { name: 'dashcache-definitions' } },
    { secret: { secretName: 'dashcache' } },
  ]);
  for (const { name } of container.env) t.ok(settingNames().has(name.replace(/_FILE$/, '')), name);
});

t.test(
  'the settings, secrets and definitions that a pod is given start a service that its probes find',
  async (t) => {
    const redis = await startRedis({ user: documentedUser() });
    t.teardown(() => redis.stop());
    const postgres = await startPostgres();
    t.teardown(() => postgres.stop());
    const folder = tempFolder(t);
    const here = (path: string) => join(folder, path);
    for (const { mountPath } of container.volumeMounts) mkdirSync(here(mountPath), { recursive: true });
    const secrets = { 'admin-token': 'x'.repeat(64), 'redis-url': redis.url, 'database-url': postgres.url };
    for (const [name, text] of Object.entries(secrets))
      writeFileSync(here(`/run/secrets/dashcache/${name}`), `${text}\n`);
    const { data = {} } = manifestOf('ConfigMap', 'dashcache-definitions');
    for (const [name, text] of Object.entries(data)) writeFileSync(here(`/dashboards/${name}`), text);

    const given = container.env.map(({ name, value }) => [
      name,
      name.endsWith('_FILE') ? here(value) : value,
    ]);
    const environment = {
      DASHCACHE_CONFIG: here('/dashboards'),
      DATA_DIR: here('/data'),
      ...Object.fromEntries(given),
    };
    const service = await builtService({ environment });
    t.teardown(() => service.stop());
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      t.equal(httpGet.port, 'http');
      t.equal((await service.get(httpGet.path)).status, 200, httpGet.path);
    }
    t.same((await ask(`${service.url}/health/ready`)).json(), { status: 'ready', degraded: [] });
    t.match((await ask(`${service.url}/dashboards/database/metrics`)).json(), { data: { tables: /^\d+$/ } });
    t.equal(
      (await ask(`${service.url}/cache/switch`)).status,
      401,
      'administration wants the token of the secret',
    );
    t.equal(await service.stop(), 0);
  },
);
