import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import { PROBLEM_TYPE, problemOf } from '../../services/http/problem.js';
import { retryAfterSecondsOf } from '../../services/http/status-of.js';
import { InvalidationSchema } from '../../services/invalidation/invalidation-schema.js';
import { SwitchSchema } from '../../services/switches/switch-schema.js';
import { WarmingSchema } from '../../services/warming/warming-schema.js';

/** A JSON body with status 200, a problem, anything else in full, or no answer at all. */
export type ScriptedAnswer = object | DashcacheError | RawAnswer | typeof SILENCE;

export class RawAnswer {
  constructor(
    readonly status: number,
    readonly text: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** The request is taken, and never answered. */
export const SILENCE = Symbol('silence');

export interface ScriptedRequest {
  /** Method and path with its query, e.g. `GET /dashboards`. */
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** What is answered to `GET /dashboards` and the like; by order of the asking where it is a list, whose last stays. */
export type Script = Readonly<Record<string, ScriptedAnswer | readonly ScriptedAnswer[]>>;

export interface ScriptedService {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Resolves once the first request is there. */
  readonly asked: Promise<void>;
}

/** The bodies that the real service would refuse are refused here as well: what a command sends keeps to the contract. */
const BODIES: Readonly<Record<string, TSchema>> = {
  'POST /cache/invalidations': InvalidationSchema,
  'POST /cache/warmings': WarmingSchema,
  'PUT /cache/switch': SwitchSchema,
};

/** A service on a port of 127.0.0.1 that answers by a script, under a path if one is given; closed with the test. */
export async function scriptedService(t: Test, script: Script, basePath = ''): Promise<ScriptedService> {
  const requests: ScriptedRequest[] = [];
  let tellAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  const server = createServer(async (request, response) => {
    const scripted = await scriptedRequest(request, basePath);
    const before = requests.filter(({ line }) => line === scripted.line).length;
    requests.push(scripted);
    tellAsked();
    send(answerTo(scripted, script, before), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  return { url: `http://127.0.0.1:${port}${basePath}`, requests, asked };
}

async function scriptedRequest(request: IncomingMessage, basePath: string): Promise<ScriptedRequest> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  const url = request.url ?? '';
  return {
    line: `${request.method} ${url.startsWith(basePath) ? url.slice(basePath.length) : url}`,
    authorization: request.headers.authorization,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function answerTo({ line, body }: ScriptedRequest, script: Script, before: number): ScriptedAnswer {
  const schema = BODIES[line];
  if (schema && !Value.Check(schema, body)) return new DashcacheError('body_invalid');
  const scripted = script[line] ?? script[line.replace(/\?.*/, '')];
  if (scripted === undefined) return new DashcacheError('route_unknown');
  if (!Array.isArray(scripted)) return scripted;
  return scripted[Math.min(before, scripted.length - 1)];
}

function send(answer: ScriptedAnswer, response: ServerResponse): void {
  if (answer === SILENCE) return;
  const { status, text, headers } = rawOf(answer);
  response.writeHead(status, headers).end(text);
}

function rawOf(answer: object): RawAnswer {
  if (answer instanceof RawAnswer) return answer;
  if (!(answer instanceof DashcacheError)) {
    return new RawAnswer(200, JSON.stringify(answer), { 'content-type': 'application/json; charset=utf-8' });
  }
  const problem = problemOf(answer, { id: 'req-7', url: '/' });
  const seconds = retryAfterSecondsOf(answer);
  return new RawAnswer(problem.status, JSON.stringify(problem), {
    'content-type': PROBLEM_TYPE,
    ...(seconds !== null && { 'retry-after': String(seconds) }),
  });
}
