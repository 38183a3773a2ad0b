import { SourceTruth } from '../audit/source-truth.js';
import type { RedisTopology } from '../cache/redis-topology.js';
import { systemClock } from '../clock.js';
import { checkQueries } from '../definitions/check-queries.js';
import { DefinitionFaults } from '../definitions/definition-faults.js';
import { type LoadOptions, loadDefinitions } from '../definitions/load-definitions.js';
import type { Definitions } from '../definitions/model.js';
import { silentLog } from '../log.js';
import { openSources } from '../sources/open-sources.js';
import { type AskedService, NO_SERVICE, type ServiceFacts, serviceFacts } from './asked-service.js';
import { type DoctorSettings, type Gathered, known, unknown } from './facts.js';
import { lookAtHost } from './process/host-seen.js';
import { lookAtRedis } from './redis/look-at-redis.js';
import { type ExampleRead, exampleReads } from './source/example-reads.js';
import { lookAtSources } from './source/look-at-sources.js';
import { loadsOf } from './statistics/miss-causes.js';

export interface Patient {
  readonly settings: DoctorSettings;
  /** Null: memory only. */
  readonly redis: RedisTopology | null;
  readonly folder: string;
  readonly loadOptions: LoadOptions;
  /** Null before there is one. */
  readonly service: AskedService | null;
  /** Told of what is asked next. */
  readonly tell: (what: string) => void;
  /** Ends the gathering. */
  readonly signal: AbortSignal;
}

type OwnFacts = Pick<Gathered, 'files' | 'definitions' | 'queries' | 'sources'> & {
  readonly examples: readonly ExampleRead[];
};

/** Gathers all that checks judge, each thing once. Whatever cannot be had is in it with its reason; it does not reject for that, only when `signal` aborts. */
export async function gatherFacts(patient: Patient): Promise<Gathered> {
  const { settings, service, signal } = patient;
  const tell = (what: string) => {
    signal.throwIfAborted();
    patient.tell(what);
  };
  tell('the service');
  const asked = service === null ? NO_SERVICE : await serviceFacts(service);
  tell('Redis');
  const redis = await redisFacts(patient);
  tell('the definitions and their sources');
  const { examples, ...own } = await ownFacts(patient, asked);
  tell('the entries of panels');
  const entries =
    service === null || !asked.running.known
      ? unknown(reasonOf(asked))
      : await service.entries(examples.flatMap(({ read }) => (read.known ? [read.value.address] : [])));
  signal.throwIfAborted();
  const host = await lookAtHost({
    address: service?.address ?? 'http://127.0.0.1',
    logFile: settings.logFile,
  });
  return { settings: known(settings), host: known(host), ...asked, ...redis, ...own, entries };
}

function reasonOf({ running }: ServiceFacts): string {
  return running.known ? '' : running.reason;
}

async function redisFacts({ redis, settings }: Patient): Promise<Pick<Gathered, 'redis' | 'redisReach'>> {
  if (redis === null) return { redisReach: known(null), redis: unknown('no Redis is in the settings') };
  const { reach, seen } = await lookAtRedis(redis, { prefix: settings.redisPrefix });
  return {
    redisReach: known(reach),
    redis: seen === null ? unknown(`Redis: ${reach.problem ?? 'it does not answer'}`) : known(seen),
  };
}

async function ownFacts(patient: Patient, asked: ServiceFacts): Promise<OwnFacts> {
  let definitions: Definitions;
  try {
    definitions = await loadDefinitions(patient.folder, patient.loadOptions);
  } catch (error) {
    if (!(error instanceof DefinitionFaults)) throw error;
    const away = unknown(`the definitions in ${patient.folder} have faults`);
    return {
      files: known({ faults: error.faults }),
      definitions: away,
      queries: away,
      sources: away,
      examples: [],
    };
  }
  const observer = { sourceQuery: () => {} };
  const sources = openSources(definitions, { observer, log: silentLog, clock: systemClock });
  try {
    const queries = await checkQueries(definitions, sources);
    const truth = new SourceTruth({ sources, signal: patient.signal });
    const examples = await exampleReads(definitions, {
      loads: loadsOf(asked.events),
      // A source that is away is found by itself.
      valuesOf: (panel) => truth.valuesOf(panel).catch(() => []),
      nowMs: Date.now(),
    });
    const seen = await lookAtSources({ definitions, queries, sources, examples });
    return {
      files: known({ faults: [] }),
      definitions: known(definitions),
      queries: known(queries),
      sources: known(seen),
      examples,
    };
  } finally {
    await Promise.all([...sources.values()].map((source) => source.close()));
  }
}
