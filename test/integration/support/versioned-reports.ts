import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { json, type ScriptedUpstream, scriptedUpstream } from '../../helpers/scripted-upstream.js';
import type { Service } from '../../helpers/start-service.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { type Answer, ask } from './ask.js';
import { builtService } from './built-service.js';
import { type ListeningApp, listeningApp } from './listening-app.js';

/** Both panels say the same; the summary is not fresh for long. */
const REPORTS = `
id: reports
source: legacy
params:
  tenant: { type: integer, tenant: true }
metrics: { path: "/:tenant", tags: [nightly], ttl: 1h }
summary: { path: "/:tenant", tags: [nightly], ttl: 30s, grace: 0s }
`;

const OVERLOADED_WITHIN_MS = 10_000;
const AGAIN_MS = 100;

/** What a reader was given. */
export interface VersionRead {
  readonly answer: Answer;
  readonly version: number;
  readonly isUnproven: boolean;
}

/** One endpoint with a report for each tenant, whose data carry a version: what a reader is given tells how old it is. */
export class VersionedReports {
  /** Of the data that the endpoint gives from now on. */
  version = 1;

  private constructor(
    readonly folder: string,
    readonly upstream: ScriptedUpstream,
  ) {}

  static async start(t: Test, { tenantsCount }: { tenantsCount: number }): Promise<VersionedReports> {
    const upstream = await scriptedUpstream(t);
    const folder = join(tempFolder(t), 'dashboards');
    mkdirSync(folder);
    const source = `{ type: http, url: "${upstream.url}", concurrency: 16 }`;
    writeFileSync(join(folder, 'dashcache.yaml'), `sources:\n  legacy: ${source}\n`);
    writeFileSync(join(folder, 'reports.yaml'), REPORTS);
    const reports = new VersionedReports(folder, upstream);
    for (let tenant = 1; tenant <= tenantsCount; tenant++)
      upstream.on(`/${tenant}`, (request, response) =>
        json({ version: reports.version, tenant, note: noteOf(tenant) })(request, response),
      );
    return reports;
  }

  /** A real process that serves them, until the test ends. */
  async service(t: Test, environment: Readonly<Record<string, string>>): Promise<Service> {
    const service = await builtService({ environment: { DASHCACHE_CONFIG: this.folder, ...environment } });
    t.teardown(() => service.stop());
    return service;
  }

  /** The same in the process of the test: as new as a process of its own, and there sooner. */
  app(t: Test, environment: Readonly<Record<string, string>>): Promise<ListeningApp> {
    return listeningApp(t, { folder: this.folder, environment });
  }
}

/** Rejects when the answer is no report of that tenant. */
export async function readVersion(
  { url }: { url: string },
  tenant: number,
  panel: 'metrics' | 'summary' = 'metrics',
): Promise<VersionRead> {
  const answer = await askedUntilAnswered(`${url}/dashboards/reports/${panel}?tenant=${tenant}`);
  if (answer.status !== 200) throw new Error(`tenant ${tenant}: ${answer.status} ${answer.text}`);
  const { data } = answer.json<{ data: { version: number; tenant: number; note: string } }>();
  if (data.tenant !== tenant || data.note !== noteOf(tenant))
    throw new Error(`tenant ${tenant} was given the report of ${data.tenant}`);
  return { answer, version: data.version, isUnproven: answer.cacheStatus.includes('unproven') };
}

/** A process that is suspended again and again is late, and turns away what it would have to load: no data, and to be asked again. */
async function askedUntilAnswered(address: string): Promise<Answer> {
  const endMs = performance.now() + OVERLOADED_WITHIN_MS;
  for (;;) {
    const answer = await ask(address);
    const isOverloaded = answer.status === 503 && answer.text.includes('"service_overloaded"');
    if (!isOverloaded || performance.now() > endMs) return answer;
    await sleep(AGAIN_MS);
  }
}

/** Some are sent and kept as they are, some are coded. */
function noteOf(tenant: number): string {
  return `${tenant} `.repeat(tenant % 500);
}
