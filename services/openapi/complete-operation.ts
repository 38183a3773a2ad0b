import { withHeaders } from './answer-headers.js';
import type {
  CollectedOperation,
  MediaType,
  Method,
  Operation,
  Parameter,
  Reference,
  Response,
  Schema,
  Security,
} from './document.js';
import { ref } from './document.js';
import { ALWAYS, type Area, problemResponse, WITH_BODY, WITH_CREDENTIAL } from './problem-responses.js';
import { sampleOf } from './sample.js';

type Schemas = Readonly<Record<string, Schema>>;

interface Place {
  readonly path: string;
  readonly method: Method;
  readonly schemas: Schemas;
}

/** What a route says of itself, with all that every route has: statuses, headers, examples, names where it gives none. */
export function completeOperation(
  collected: CollectedOperation,
  { path, method, schemas }: Place,
): Operation {
  const { 'x-answer': kind, responses, parameters = [], security = [], ...said } = collected;
  const readable = [path, method]
    .join(' ')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim();
  const asked: Operation = {
    summary: readable,
    operationId: readable.replaceAll(' ', '-'),
    tags: [isAdministration(security) ? 'administration' : 'data'],
    ...said,
    ...(said.requestBody && {
      requestBody: { ...said.requestBody, content: withExamples(said.requestBody.content, schemas) },
    }),
    security,
    parameters: [
      ...parameters.map((parameter) => withExample(parameter, schemas)),
      ...(kind ? [ref('parameters', 'IfNoneMatch'), ref('parameters', 'AcceptEncoding')] : []),
    ],
    responses: {},
  };
  const statuses = statusesOf(collected);
  const answers = statuses.map((status): [string, Response | Reference] => {
    if (+status >= 400) return [status, problemResponse(+status, areaOf(collected))];
    const { description, content, ...response } = responses[status] ?? { description: '' };
    const told = {
      ...response,
      description: description === '' || description === UNSAID ? (SUCCESSES[status] ?? 'Done') : description,
      ...(content && { content: withExamples(content, schemas) }),
    };
    return [status, withHeaders(told, status, kind)];
  });
  return { ...asked, responses: Object.fromEntries(answers) };
}

/** What @fastify/swagger says where a schema has no description. */
const UNSAID = 'Default Response';
const SUCCESSES: Readonly<Record<string, string>> = {
  200: 'The answer',
  304: 'The reader has this content already',
};

function areaOf({ 'x-answer': kind, security = [] }: CollectedOperation): Area {
  if (kind === 'dashboard') return 'Dashboard';
  if (kind === 'panel') return 'Data';
  return isAdministration(security) ? 'Administration' : '';
}

function isAdministration(security: Security): boolean {
  return security.some((one) => 'adminToken' in one);
}

function statusesOf({ responses, requestBody, security = [] }: CollectedOperation): string[] {
  const added = [
    ...ALWAYS,
    ...(requestBody ? WITH_BODY : []),
    ...(security.length > 0 ? WITH_CREDENTIAL : []),
  ];
  return [...new Set([...Object.keys(responses), ...added.map(String)])].sort();
}

function withExamples(
  content: Readonly<Record<string, MediaType>>,
  schemas: Schemas,
): Record<string, MediaType> {
  const given = Object.entries(content).map(([type, media]) => {
    const has = media.example !== undefined || media.examples !== undefined;
    return [type, has ? media : { ...media, example: sampleOf(media.schema, schemas) }] as const;
  });
  return Object.fromEntries(given);
}

function withExample(parameter: Parameter | Reference, schemas: Schemas): Parameter | Reference {
  if ('$ref' in parameter || parameter.example !== undefined || parameter.examples) return parameter;
  const example = sampleOf(parameter.schema, schemas);
  return example === undefined ? parameter : { ...parameter, example };
}

/** HEAD of an address: the same, without a body. */
export function headOperation(get: Operation): Operation {
  const answers = Object.entries(get.responses).map(
    ([status, response]) => [status, withoutBody(response)] as const,
  );
  return {
    ...get,
    operationId: `head-${get.operationId}`,
    summary: `${get.summary} (headers only)`,
    description: 'The headers of GET, without the body.',
    responses: Object.fromEntries(answers),
  };
}

function withoutBody(response: Response | Reference): Response | Reference {
  if ('$ref' in response) return { $ref: `${response.$ref}Head` };
  const { content: _content, ...others } = response;
  return others;
}
