import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import type { Lifetime } from './lifetime.js';
import { tempFolder } from './temp-folder.js';
import { within } from './within.js';

const READY_WITHIN_MS = 20_000;

export interface Proxy {
  readonly url: string;
  readonly pid: number;
}

/** Where Debian has programs that are not in everybody's PATH. */
function program(name: string, variable: string): string {
  const ofDebian = `/usr/sbin/${name}`;
  return process.env[variable] || (existsSync(ofDebian) ? ofDebian : name);
}

/**
 * A real nginx (NGINX, else Debian's) that caches what its upstreams let it, by its own default key; it ends with the test.
 * `isCareless`: it keeps whatever it is given, against what the answers say.
 */
export async function startNginx(
  life: Lifetime,
  { upstreams, isCareless = false }: { upstreams: readonly string[]; isCareless?: boolean },
): Promise<Proxy> {
  const folder = tempFolder(life);
  const port = await freePort();
  const careless = ['proxy_ignore_headers Cache-Control Expires Vary;', 'proxy_cache_valid 200 1m;'];
  const config = [
    'daemon off;',
    'master_process off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr crit;',
    'events { worker_connections 1024; }',
    'http {',
    'access_log off;',
    `proxy_cache_path ${folder}/cache keys_zone=answers:10m;`,
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    ),
    `upstream services { ${upstreams.map((url) => `server ${new URL(url).host};`).join(' ')} keepalive 16; }`,
    'server {',
    `listen 127.0.0.1:${port};`,
    'location / {',
    'proxy_pass http://services; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;',
    'proxy_cache answers;',
    ...(isCareless ? careless : []),
    '}',
    '}',
    '}',
  ];
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config.join('\n'));
  const pid = await run(life, {
    name: 'nginx',
    port,
    command: [program('nginx', 'NGINX'), '-p', folder, '-c', file],
  });
  return { url: `http://127.0.0.1:${port}`, pid };
}

/** A real Varnish (VARNISHD, else Debian's) with its built-in rules; it ends with the test. */
export async function startVarnish(
  life: Lifetime,
  { upstreams }: { upstreams: readonly string[] },
): Promise<Proxy> {
  const folder = tempFolder(life);
  mkdirSync(join(folder, 'work'));
  const port = await freePort();
  const backends = upstreams.map((url, i) => {
    const { hostname, port: backendPort } = new URL(url);
    return `backend b${i} { .host = "${hostname}"; .port = "${backendPort}"; }`;
  });
  const added = upstreams.map((_url, i) => `services.add_backend(b${i});`).join(' ');
  const vcl = [
    'vcl 4.1;',
    'import directors;',
    ...backends,
    `sub vcl_init { new services = directors.round_robin(); ${added} }`,
    'sub vcl_recv { set req.backend_hint = services.backend(); }',
  ];
  const file = join(folder, 'default.vcl');
  writeFileSync(file, vcl.join('\n'));
  const command = [
    ...[program('varnishd', 'VARNISHD'), '-F', '-n', join(folder, 'work'), '-f', file],
    ...['-a', `127.0.0.1:${port}`, '-s', 'malloc,32m', '-j', 'none'],
  ];
  const pid = await run(life, { name: 'varnishd', port, command });
  return { url: `http://127.0.0.1:${port}`, pid };
}

async function run(
  life: Lifetime,
  { name, port, command: [file = '', ...args] }: { name: string; port: number; command: readonly string[] },
): Promise<number> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output = (output + text).slice(-4000);
    });
  child.once('error', (error) => {
    output += error.message;
  });
  const kill = () => killGroup(child);
  process.once('exit', kill);
  life.teardown(async () => {
    process.removeListener('exit', kill);
    const gone = child.exitCode !== null ? null : new Promise((resolve) => child.once('exit', resolve));
    kill();
    await gone;
  });
  const answers = async () => {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`${name} did not start: ${output}`);
    return fetch(`http://127.0.0.1:${port}/health/live`).then(
      ({ status }) => status === 200,
      () => false,
    );
  };
  await within(READY_WITHIN_MS, answers, `${name} answers`);
  return child.pid ?? 0;
}

/** Varnish has a child of its own. */
function killGroup({ pid, exitCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
