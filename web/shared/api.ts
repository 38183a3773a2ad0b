import type { Credential } from './sign-in.js';

/** What went wrong with a request: a problem of the service, or that it did not answer. */
export interface Problem {
  /** 0: nothing answered. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

export class RequestFailed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

const NO_ANSWER: Problem = {
  status: 0,
  code: 'no_answer',
  title: 'The service does not answer',
  detail: 'The service does not answer. It is asked again every few seconds.',
};

/** A request that hangs says nothing; the next poll asks anew. */
const DEADLINE_MS = 10_000;
/** A warming loads whole dashboards. */
const ACTION_DEADLINE_MS = 300_000;

/** Asks the service that served this page. The credential is kept in memory alone: a reload forgets it. */
export class Api {
  credential: Credential | null = null;

  /** Rejects with RequestFailed. */
  get<T>(path: string): Promise<T> {
    return this.#ask<T>(path, { signal: AbortSignal.timeout(DEADLINE_MS) });
  }

  /** Rejects with RequestFailed. */
  send<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
    return this.#ask<T>(path, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ACTION_DEADLINE_MS),
    });
  }

  async #ask<T>(path: string, init: RequestInit): Promise<T> {
    const url = new URL(path, document.baseURI);
    const headers = { ...init.headers, ...this.#credentialHeader() };
    const answer = await fetch(url, { ...init, headers, cache: 'no-store' }).catch(() => null);
    if (!answer) throw new RequestFailed(NO_ANSWER);
    const body: unknown = await answer.json().catch(() => null);
    if (!answer.ok || body === null) throw new RequestFailed(problemOf(answer.status, body));
    return body as T;
  }

  #credentialHeader(): Record<string, string> {
    if (!this.credential) return {};
    const { kind, text } = this.credential;
    return kind === 'token' ? { authorization: `Bearer ${text}` } : { 'x-api-key': text };
  }
}

function problemOf(status: number, body: unknown): Problem {
  const { code, title, detail } = { ...(body as Partial<Problem> | null) };
  return {
    status,
    code: code ?? 'unknown',
    title: title ?? `Status ${status}`,
    detail: detail ?? `Something between here and the service answered with status ${status}.`,
  };
}

/** A value, or why there is none. */
export type Result<T> =
  | { readonly value: T; readonly problem: null }
  | { readonly value: null; readonly problem: Problem };

/** Never rejects for what the service says. */
export async function resultOf<T>(asked: Promise<T>): Promise<Result<T>> {
  try {
    return { value: await asked, problem: null };
  } catch (error) {
    if (error instanceof RequestFailed) return { value: null, problem: error.problem };
    throw error;
  }
}
