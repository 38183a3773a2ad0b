import { type TSchema, Type } from '@sinclair/typebox';
import type { AskedService } from '../services/doctor/asked-service.js';
import { type Known, known, lookedAt } from '../services/doctor/facts.js';
import { EventsSchema } from '../services/events/events-schema.js';
import { EntriesSchema, type ExplainedEntry } from '../services/explain/entries-schema.js';
import { StatisticsBodySchema } from '../services/statistics/report-schema.js';
import { SwitchStatesSchema } from '../services/switches/switch-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import type { ServiceClient } from './service-client.js';
import { serviceFailure } from './service-failure.js';

const ReadySchema = Type.Object({ degraded: Type.Array(Type.String()) });
const DescriptionSchema = Type.Object({ info: Type.Object({ version: Type.String() }) });

/** As many as a process remembers of one kind. */
const EVENTS_COUNT = 500;
/** Each is a question of its own; more tell nothing new. */
const ENTRIES_MAX_COUNT = 100;
/** A Date header has whole seconds: its instant lies half a second later in the mean. */
const HALF_SECOND_MS = 500;

/** A running service as a doctor asks it: over HTTP alone. */
export class DoctoredService implements AskedService {
  readonly #service: ServiceClient;

  constructor(service: ServiceClient) {
    this.#service = service;
  }

  get address(): string {
    return this.#service.address;
  }

  async ready(): ReturnType<AskedService['ready']> {
    const beganMs = Date.now();
    const { headers } = await this.#service.read('/health/live');
    const middleMs = (beganMs + Date.now()) / 2;
    const { degraded } = await this.#ask('/health/ready', ReadySchema);
    const shownMs = Date.parse(String(headers.date ?? '')) + HALF_SECOND_MS;
    return { degraded, clockAheadMs: Number.isNaN(shownMs) ? 0 : shownMs - middleMs };
  }

  async version(): Promise<string> {
    return (await this.#ask('/openapi.json', DescriptionSchema)).info.version;
  }

  statistics(): ReturnType<AskedService['statistics']> {
    return this.#ask('/reports/cache-statistics/', StatisticsBodySchema);
  }

  async exposition(): Promise<string> {
    const answered = await this.#service.read('/metrics');
    if (answered.status === 200) return answered.text;
    const { address } = this.#service;
    const failure = serviceFailure(parsed(answered.text), answered, { address, tokenSent: true });
    throw (
      failure ?? new CommandFailure(`${address}/metrics answers with ${answered.status}`, EXIT.environment)
    );
  }

  switches(): ReturnType<AskedService['switches']> {
    return this.#ask('/cache/switch', SwitchStatesSchema);
  }

  async events(): ReturnType<AskedService['events']> {
    const asked = ['refresh', 'invalidation'].map((kind) =>
      this.#ask(`/cache/events?kind=${kind}&limit=${EVENTS_COUNT}`, EventsSchema),
    );
    return (await Promise.all(asked)).flatMap(({ events }) => events);
  }

  async entries(addresses: readonly string[]): Promise<Known<readonly ExplainedEntry[]>> {
    const found: ExplainedEntry[] = [];
    for (const address of addresses.slice(0, ENTRIES_MAX_COUNT)) {
      const path = `/cache/entries?url=${encodeURIComponent(address)}`;
      const explained = await lookedAt(() => this.#ask(path, EntriesSchema));
      // A panel that the service does not know is another check's business.
      if (explained.known) found.push(...explained.value.entries);
      else if (found.length === 0 && address === addresses.at(-1)) return explained;
    }
    return known(found);
  }

  #ask<S extends TSchema>(path: string, answer: S) {
    return this.#service.ask({ path, answer });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
