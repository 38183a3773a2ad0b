import type { ProblemBody } from './shapes.js';

/** The service answered with a problem, or with something that is none of its answers. */
export class DashcacheProblem extends Error {
  /** From the table in docs/errors.md; `unreadable` where the answer was no problem of the service. */
  readonly code: string;
  readonly status: number;
  readonly errors: NonNullable<ProblemBody['errors']>;
  /** In how many seconds a new try may succeed; null where trying again is no answer. */
  readonly retryAfter: number | null;
  readonly body: ProblemBody | null;

  constructor(status: number, body: ProblemBody | null, retryAfter: number | null) {
    super(body?.detail ?? `The service answered with status ${status}`);
    this.name = 'DashcacheProblem';
    this.code = body?.code ?? 'unreadable';
    this.status = status;
    this.errors = body?.errors ?? [];
    this.retryAfter = retryAfter;
    this.body = body;
  }
}

/** The problem that an answer is. Reads its body. */
export async function problemOf(response: Response): Promise<DashcacheProblem> {
  const body: unknown = await response.json().catch(() => null);
  const isProblem = typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new DashcacheProblem(
    response.status,
    isProblem ? (body as ProblemBody) : null,
    Number.isFinite(seconds) ? seconds : null,
  );
}
