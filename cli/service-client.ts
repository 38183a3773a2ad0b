import { FormatRegistry, type Static, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type Config, loadConfig } from '../config.js';
import { CommandFailure } from './command-failure.js';
import { type Answered, exchange } from './exchange.js';
import { EXIT } from './exit-codes.js';
import { ownAddress } from './own-address.js';
import { packageVersion } from './package-root.js';
import { printableText } from './printable.js';
import { readableDuration } from './readable-figures.js';
import { serviceFailure } from './service-failure.js';
import { untilInterrupted } from './until-interrupted.js';

const DEADLINE_MS = 30_000;

// TypeBox takes no text for an instant until somebody says what one is.
FormatRegistry.Set('date-time', (text) => !Number.isNaN(Date.parse(text)));

export interface Question<S extends TSchema> {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Below the address of the service, with its query. */
  readonly path: string;
  readonly body?: object;
  /** What its answer must be. */
  readonly answer: S;
  readonly deadlineMs?: number;
}

/**
 * Works with the running service: the one that --url names, else DASHCACHE_URL, else the one that would be started with
 * the settings of this shell. SIGINT ends it at once. Rejects with ConfigFaults where the settings are wrong.
 */
export function withService<T>(
  { url }: { readonly url?: string },
  work: (service: ServiceClient) => Promise<T>,
): Promise<T> {
  const config = loadConfig();
  return untilInterrupted((interrupted) => work(serviceAt(url, { config, interrupted })));
}

/** The same with every one of several replicas; with the one of withService where none is named. */
export function withServices<T>(
  urls: readonly string[],
  work: (services: readonly ServiceClient[], interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const config = loadConfig();
  const named = urls.length > 0 ? urls : [undefined];
  return untilInterrupted((interrupted) =>
    work(
      named.map((url) => serviceAt(url, { config, interrupted })),
      interrupted,
    ),
  );
}

function serviceAt(
  url: string | undefined,
  { config, interrupted }: { readonly config: Config; readonly interrupted: AbortSignal },
): ServiceClient {
  const address = addressOf(url ?? config.dashcacheUrl ?? ownAddress(config));
  return new ServiceClient({ address, interrupted, token: config.adminToken });
}

/** Asks one service. Whatever does not end in an answer of the wanted form rejects with a CommandFailure. */
export class ServiceClient {
  readonly #options: ServiceClientOptions;

  constructor(options: ServiceClientOptions) {
    this.#options = options;
  }

  /** Without a slash at its end. */
  get address(): string {
    return this.#options.address;
  }

  /** The answer to a GET as it came, of any status: what a browser would be given. */
  read(path: string): Promise<Answered> {
    return this.#exchange({ path });
  }

  /** The answer as it came, its form checked. */
  async ask<S extends TSchema>(question: Question<S>): Promise<Static<S>> {
    const answered = await this.#exchange(question);
    const body = parsed(answered.text);
    if (answered.status !== 200 || body === undefined) throw this.#refusal(answered, body);
    if (!Value.Check(question.answer, body)) throw this.#misfit(question.answer, body);
    return body;
  }

  async #exchange({
    method = 'GET',
    path,
    body,
    deadlineMs = DEADLINE_MS,
  }: Omit<Question<TSchema>, 'answer'>) {
    const { address, token, interrupted } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    const headers = {
      accept: 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const signal = AbortSignal.any([deadline, interrupted]);
    const text = body === undefined ? null : JSON.stringify(body);
    try {
      return await exchange({ method, url: new URL(address + path), headers, body: text, signal });
    } catch (error) {
      if (interrupted.aborted) {
        const message = 'Interrupted; the service may go on with what it has begun';
        throw new CommandFailure(message, EXIT.interrupted, error);
      }
      const message = deadline.aborted
        ? `The service at ${address} did not answer within ${readableDuration(deadlineMs)}`
        : `No service answers at ${address} (${reasonOf(error)}): start it with \`dashcache serve\`, ` +
          'or name its address with --url or DASHCACHE_URL';
      throw new CommandFailure(message, EXIT.environment, error);
    }
  }

  #refusal(answered: Answered, body: unknown): CommandFailure {
    const { address, token } = this.#options;
    const failure = serviceFailure(body, answered, { address, tokenSent: token !== null });
    if (failure && answered.status >= 400) return failure;
    const { status } = answered;
    const isRedirect = status >= 300 && status < 400;
    return new CommandFailure(
      isRedirect
        ? `${address} answers with a redirect (${status}), which is not followed: name the last address with --url`
        : `What answers at ${address} is not dashcache (status ${status}): name its address with --url or DASHCACHE_URL`,
      EXIT.environment,
    );
  }

  #misfit(schema: TSchema, body: unknown): CommandFailure {
    const fault = Value.Errors(schema, body).First();
    const place = printableText(fault ? `${fault.path || '/'}: ${fault.message}` : '/');
    return new CommandFailure(
      `The answer of ${this.#options.address} is not one that dashcache ${packageVersion()} knows (${place}): ` +
        'use the command of the version that runs there',
      EXIT.environment,
    );
  }
}

interface ServiceClientOptions {
  /** Without a slash at its end. */
  readonly address: string;
  /** Goes to that address and nowhere else. */
  readonly token: Config['adminToken'];
  readonly interrupted: AbortSignal;
}

function addressOf(text: string): string {
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new CommandFailure(
      'The address of the service holds a name or a password, which are not sent: set ADMIN_TOKEN instead',
      EXIT.usage,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection was closed',
  ETIMEDOUT: 'the connection took too long',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error.message === '' ? code : error.message);
}
