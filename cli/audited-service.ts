import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AuditSample } from '../services/audit/audit-sample.js';
import type { AuditedReplica, ReplicaLook } from '../services/audit/audited-replica.js';
import type { Explanation } from '../services/audit/evidence.js';
import { PanelBodySchema } from '../services/audit/panel-body-schema.js';
import { servedAs } from '../services/audit/served-as.js';
import { opaque } from '../services/audit/stored-between.js';
import { type CacheEvent, EventsSchema } from '../services/events/events-schema.js';
import { EntriesSchema } from '../services/explain/entries-schema.js';
import { CommandFailure } from './command-failure.js';
import type { Answered } from './exchange.js';
import { EXIT } from './exit-codes.js';
import type { ServiceClient } from './service-client.js';
import { serviceFailure } from './service-failure.js';

const ReadySchema = Type.Object({ degraded: Type.Array(Type.String()) });

/** As many as a process remembers of one kind. */
const EVENTS_COUNT = 500;

/** A running service as an audit asks it: over HTTP alone. Whatever is no answer rejects with a CommandFailure. */
export class AuditedService implements AuditedReplica {
  readonly #service: ServiceClient;

  constructor(service: ServiceClient) {
    this.#service = service;
  }

  get name(): string {
    return this.#service.address;
  }

  async look(sample: AuditSample): Promise<ReplicaLook> {
    const { degraded } = await this.#service.ask({ path: '/health/ready', answer: ReadySchema });
    const before = await this.#explain(sample);
    const read = await this.#read(sample);
    const after = await this.#explain(sample);
    return { before, after, ...read, redisAnswers: !degraded.includes('redis') };
  }

  async events(): Promise<readonly CacheEvent[]> {
    const asked = ['invalidation', 'new_root'].map((kind) => {
      const path = `/cache/events?kind=${kind}&limit=${EVENTS_COUNT}`;
      return this.#service.ask({ path, answer: EventsSchema });
    });
    return (await Promise.all(asked)).flatMap(({ events }) => events);
  }

  async #explain({ address, read: { panel } }: AuditSample): Promise<Explanation> {
    const fromMs = Date.now();
    const path = `/cache/entries?url=${encodeURIComponent(address)}`;
    const { entries } = await this.#service.ask({ path, answer: EntriesSchema });
    const toMs = Date.now();
    const [entry] = entries;
    if (!entry) throw this.#misfit(`explains no panel at ${address}`);
    if (entry.key.definition !== panel.definitionHash) {
      throw this.#misfit(
        `serves another definition of ${panel.id} of ${panel.dashboardId}: audit the folder that it serves, where it serves it (the paths of its data are part of it)`,
      );
    }
    return { fromMs, toMs, entry };
  }

  async #read({ address }: AuditSample): Promise<Pick<ReplicaLook, 'answer' | 'problem'>> {
    const fromMs = Date.now();
    const answered = await this.#service.read(address);
    const span = { fromMs, toMs: Date.now() };
    if (answered.status !== 200) return { answer: null, problem: this.#problem(answered) };
    const { headers, text } = answered;
    const served = servedAs(String(headers['cache-status'] ?? ''));
    const age = String(headers['age'] ?? '');
    const body = parsed(text);
    if (served === null || !/^\d+$/.test(age) || !Value.Check(PanelBodySchema, body)) {
      throw this.#misfit(`gives at ${address} no answer that this version knows`);
    }
    const etag = opaque(String(headers.etag ?? ''));
    const answer = { ...span, servedAs: served, ageSeconds: Number(age), etag, text, body };
    return { answer, problem: null };
  }

  /** Its own words; where dashcache has none for it, something else answers there. */
  #problem(answered: Answered): string {
    const asked = { address: this.name, tokenSent: false };
    const failure = serviceFailure(parsed(answered.text), answered, asked);
    if (failure === null) throw this.#misfit(`answers with status ${answered.status}, and is not dashcache`);
    return failure.message.split('\n', 1)[0] ?? '';
  }

  #misfit(fault: string): CommandFailure {
    return new CommandFailure(`${this.name} ${fault}`, EXIT.environment);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
