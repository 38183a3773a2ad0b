import { LRUCache } from 'lru-cache';
import type { CacheAnswer } from '../cache/answer.js';
import type { Coding } from '../cache/body.js';
import type { CacheRequest } from '../cache/request.js';
import type { PanelRequest } from '../dashboard-cache-service.js';
import type { Panel } from '../definitions/model.js';
import type { Place } from '../definitions/resolved-queries.js';
import type { Question } from '../questions.js';
import { PreparedAnswer, type PreparedAnswerParts } from './prepared-answer.js';
import { type HeadFields, HeadLook, type HeadOfContent } from './raw-head.js';

/** A question that was answered the way of every request. */
export interface Answered extends Pick<PreparedAnswerParts, 'headersAt' | 'bytesOf'> {
  readonly question: Question;
  /** Of its reads. */
  readonly answers: readonly CacheAnswer[];
  readonly coding: Coding;
  /** As they are sent, by lower-case name. */
  readonly headers: () => HeadFields;
  /** What `bytesOf` keeps of its own, beside what the cache keeps. */
  readonly ownBytes: number;
  /** Of the server. */
  readonly keepAliveTimeoutMs: number;
}

/** The answer to a question, for all who may ask it. */
export interface Ready {
  readonly reads: readonly ReadyRead[];
  readonly isDashboard: boolean;
  /** By what of a head decides how it looks. */
  readonly variants: ReadonlyMap<string, Variant>;
}

interface ReadyRead {
  readonly dashboardId: string;
  readonly panelId: string;
  readonly of: CacheRequest;
}

interface Variant {
  /** What it keeps beside what the cache keeps. */
  readonly ownBytes: number;
  readonly prepared: PreparedAnswer;
}

/** What answers of a panel that look alike have in common: all but what tells of one content. */
export interface AnswerTemplate extends Pick<PreparedAnswerParts, 'headersAt' | 'look'> {
  readonly coding: Coding;
}

/** The templates of a panel for one variant of heads. */
export interface Templates {
  readonly panel: Panel;
  /** Of bodies that codings are offered for. */
  coded?: AnswerTemplate;
  plain?: AnswerTemplate;
}

export interface ReadyStoreOptions {
  readonly maxBytes: number;
  /** What the cache is asked for. */
  readonly requestOf: (read: PanelRequest) => CacheRequest;
}

/** As measured: what the cache is asked for one panel, and a prepared head. */
const READ_BYTES = 3200;
const HEAD_BYTES = 6000;
/** Of one question, and of all panels together, some 4 MB: a client may name any origin and any codings. */
const VARIANTS_MAX_COUNT = 16;
const TEMPLATES_MAX_COUNT = 2000;
const PLACES_MAX_COUNT = 10_000;

/** What was learned of how questions are answered: where addresses lead, what is ready to be sent, and how answers of a panel look that are not. */
export class ReadyStore {
  readonly #requestOf: (read: PanelRequest) => CacheRequest;
  /** By path, as it is spelled: there are as many spellings as anybody likes. */
  readonly #places = new Map<string, Place>();
  /** By what a question means. */
  readonly #ready: LRUCache<string, Ready>;
  /** By panel and variant; of a panel as it was declared then. */
  readonly #templates = new LRUCache<string, Templates>({ max: TEMPLATES_MAX_COUNT });

  constructor({ maxBytes, requestOf }: ReadyStoreOptions) {
    this.#requestOf = requestOf;
    this.#ready = new LRUCache({
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: ({ reads, variants }, meaning) => {
        const ofVariants = [...variants.values()].reduce(
          (sum, { ownBytes }) => sum + HEAD_BYTES + ownBytes,
          0,
        );
        return 2 * meaning.length + reads.length * READ_BYTES + ofVariants;
      },
    });
  }

  /** Where an address leads, as far as it was asked before. */
  placeOf(url: string): Place | undefined {
    return this.#places.get(pathOf(url));
  }

  of(meaning: string): Ready | undefined {
    return this.#ready.get(meaning);
  }

  /** How answers of a panel look; undefined: it is not known yet. */
  templates(panel: Panel, variant: string): Templates | undefined {
    const known = this.#templates.get(nameOf(panel, variant));
    return known?.panel === panel ? known : undefined;
  }

  /** `variant`: what of the head decided how the answer looks. */
  learn(url: string, variant: string, answered: Answered): void {
    const { question, answers, bytesOf, ownBytes } = answered;
    const { dashboard, panels, panelId } = question;
    this.#learnPlace(pathOf(url), { dashboard, panels, panelId });
    const template = panelId === null ? null : this.#learnTemplate(variant, answered);
    const known = this.#ready.peek(question.meaning)?.variants.get(variant);
    if (!answers.every(isFresh) || known?.prepared.bytes(answers)) return;
    const { look, headersAt } = template ?? templateOf(answered);
    const { etag = '', 'content-length': length } = answered.headers();
    const prepared = new PreparedAnswer({
      entryTags: answers.map(({ entry }) => entry.etag),
      look,
      headersAt,
      etag,
      length: Number(length),
      bytesOf,
    });
    this.keep(question, variant, { ownBytes, prepared });
  }

  /** Adds a look to the answer to a question; one that is too large is not kept. */
  keep({ meaning, dashboard, panelId, reads }: Question, name: string, variant: Variant): void {
    this.#ready.set(meaning, {
      reads: reads.map((read) => ({
        dashboardId: dashboard.id,
        panelId: read.panel.id,
        of: this.#requestOf(read),
      })),
      isDashboard: panelId === null,
      variants: withOneMore(this.#ready.peek(meaning)?.variants, name, variant),
    });
  }

  clear(): void {
    this.#places.clear();
    this.#ready.clear();
    this.#templates.clear();
  }

  /** Learned again so soon that who knows which was asked last would cost more. */
  #learnPlace(path: string, place: Place): void {
    if (this.#places.size >= PLACES_MAX_COUNT) this.#places.clear();
    this.#places.set(path, place);
  }

  /** Made of the first answer that looks so, and shared by all. */
  #learnTemplate(variant: string, answered: Answered): AnswerTemplate | null {
    const [panel] = answered.question.panels;
    const [answer] = answered.answers;
    if (!panel || !answer) return null;
    const known = this.templates(panel, variant) ?? { panel };
    const kind = kindOf(answer);
    const learned = known[kind];
    if (learned) return learned;
    const template = templateOf(answered);
    known[kind] = template;
    this.#templates.set(nameOf(panel, variant), known);
    return template;
  }
}

/** Which of the templates an answer looks like. */
export function kindOf({ entry }: CacheAnswer): 'coded' | 'plain' {
  return entry.body.isCoded ? 'coded' : 'plain';
}

function templateOf({ coding, headers, headersAt, answers, keepAliveTimeoutMs }: Answered): AnswerTemplate {
  const said = Object.keys(headersAt(answers, 0));
  return { coding, look: new HeadLook(headers(), { said, keepAliveTimeoutMs }), headersAt };
}

/** Whether it came from what is fresh in memory. */
export function isFresh({ outcome, layer }: CacheAnswer): boolean {
  return outcome === 'hit' && layer === 'l1';
}

/** For the next one who asks the same, while it is in memory. */
export function preparedAs(
  { coding, look, headersAt }: AnswerTemplate,
  { entry }: CacheAnswer,
  { etag, length }: HeadOfContent,
): PreparedAnswer {
  return new PreparedAnswer({
    entryTags: [entry.etag],
    look,
    headersAt,
    etag,
    length,
    // Kept by the cache, as long as it is.
    bytesOf: ([given]) => given?.entry.body.ready(coding),
  });
}

/** As it is spelled. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function nameOf({ dashboardId, id }: Panel, variant: string): string {
  return `${dashboardId}/${id}\n${variant}`;
}

function withOneMore(
  known: ReadonlyMap<string, Variant> | undefined,
  name: string,
  variant: Variant,
): Map<string, Variant> {
  const all = new Map(known);
  all.delete(name);
  const [oldest] = all.keys();
  if (oldest !== undefined && all.size >= VARIANTS_MAX_COUNT) all.delete(oldest);
  return all.set(name, variant);
}
