import type { IncomingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type {
  Header,
  MediaType,
  Method,
  OpenapiDocument,
  Operation,
  Parameter,
  PathItem,
  Reference,
  Response,
  Schema,
} from '../../services/openapi/document.js';

/** An answer as it came over the socket, decoded. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export type OpenapiValidator = (method: string, url: string, answer: Answered) => string[];

/** Headers that may not be sent unless the description names them. */
const OURS = [
  'etag',
  'age',
  'cache-control',
  'vary',
  'content-encoding',
  'cache-status',
  'dashcache-panels',
  'retry-after',
  'allow',
  'www-authenticate',
];

/**
 * Holds answers against the description of the service: gives what is wrong with one, as sentences. The address, the method,
 * the parameters of a request that was taken, the status, the headers, the type and the body must all be as described.
 */
export function openapiValidator(document: OpenapiDocument): OpenapiValidator {
  const schemas = new Schemas(document);
  return (method, url, answer) => {
    const found = pathOf(document, url);
    if (!found) return [`${url} is not in the description`];
    const operation = operationOf(found.item, method, answer.status);
    if (!operation) return [`${method} ${found.path} is not in the description`];
    const declared = operation.responses[String(answer.status)];
    if (!declared) return [`${answer.status} of ${method} ${found.path} is not in the description`];
    const response = schemas.resolve<Response>(declared);
    return [
      ...(answer.status < 400 ? parameterFaults(operation, url, schemas) : []),
      ...headerFaults(response, answer, schemas),
      ...bodyFaults(response, answer, { isHead: method === 'HEAD', schemas }),
    ].map((fault) => `${method} ${url}, ${answer.status}: ${fault}`);
  };
}

/** What the description says of an address: a path without placeholders before one with them. */
function pathOf(document: OpenapiDocument, url: string): { path: string; item: PathItem } | null {
  const base = (document.servers[0]?.url ?? '').replace(/\/$/, '');
  const [asked = ''] = url.split('?', 1);
  if (!asked.startsWith(`${base}/`)) return null;
  const path = asked.slice(base.length);
  const fits = Object.keys(document.paths).filter((each) => patternOf(each).test(path));
  const [best] = fits.sort((a, b) => placeholdersCount(a) - placeholdersCount(b));
  const item = best === undefined ? undefined : document.paths[best];
  return best === undefined || !item ? null : { path: best, item };
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

function placeholdersCount(path: string): number {
  return path.split('{').length;
}

/** A method that is not described is described by its refusal, which stands at every other. */
function operationOf(item: PathItem, method: string, status: number): Operation | undefined {
  const own = item[method.toLowerCase() as Method];
  return own ?? (status === 405 ? Object.values(item)[0] : undefined);
}

function parameterFaults({ parameters = [] }: Operation, url: string, schemas: Schemas): string[] {
  const declared = parameters.map((parameter) => schemas.resolve<Parameter>(parameter));
  const inQuery = declared.filter((parameter) => parameter.in === 'query');
  const given = new URLSearchParams(url.split('?')[1] ?? '');
  const isFree = inQuery.some(({ schema }) => schema['type'] === 'object');
  const named = new Map(inQuery.map((parameter) => [parameter.name, parameter]));
  const faults = [...given].flatMap(([name, text]) => {
    const parameter = named.get(name);
    if (!parameter) return isFree ? [] : [`the parameter ${name} is not described`];
    return schemas.faults(parameter.schema, read(text, parameter.schema), `parameter ${name}`);
  });
  const missing = inQuery.filter(({ name, required }) => required && !given.has(name));
  return [...faults, ...missing.map(({ name }) => `taken without the parameter ${name}`)];
}

function headerFaults({ headers = {} }: Response, answer: Answered, schemas: Schemas): string[] {
  const described = new Map(
    Object.entries(headers).map(([name, header]) => [name.toLowerCase(), schemas.resolve<Header>(header)]),
  );
  const faults = [...described].flatMap(([name, { required, schema }]) => {
    const value = answer.headers[name];
    if (value === undefined) return required ? [`has no ${name}`] : [];
    return schemas.faults(schema, read(String(value), schema), name);
  });
  const extra = OURS.filter((name) => answer.headers[name] !== undefined && !described.has(name));
  return [...faults, ...extra.map((name) => `${name} is not described`)];
}

function bodyFaults(
  { content }: Response,
  { headers, text }: Answered,
  { isHead, schemas }: { isHead: boolean; schemas: Schemas },
): string[] {
  if (isHead && content) return ['a body of HEAD is described'];
  if (!content) return text === '' ? [] : ['a body came that is not described'];
  const type = String(headers['content-type']).split(';')[0] ?? '';
  const media: MediaType | undefined = content[type];
  if (!media) return [`a body of type ${type} is not described`];
  if (!type.endsWith('json')) return schemas.faults(media.schema, text, 'body');
  try {
    return schemas.faults(media.schema, JSON.parse(text), 'body');
  } catch {
    return ['the body is no JSON'];
  }
}

/** A text as the value that its schema speaks of. */
function read(text: string, { type }: Schema): unknown {
  if ((type === 'integer' || type === 'number') && text !== '') return Number(text);
  return type === 'boolean' && (text === 'true' || text === 'false') ? text === 'true' : text;
}

/** The schemas of a document, each compiled once. */
class Schemas {
  readonly #document: OpenapiDocument;
  // The keywords of OpenAPI and our own (x-...) are no JSON Schema.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<Schema, ValidateFunction>();

  constructor(document: OpenapiDocument) {
    this.#document = document;
    formats.default(this.#ajv);
  }

  resolve<T extends object>(given: T | Reference): T {
    if (!('$ref' in given)) return given;
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(.+)$/.exec(given.$ref) ?? [];
    const components = this.#document.components as Record<string, Record<string, T> | undefined>;
    const found = components[kind]?.[name];
    if (!found) throw new Error(`${given.$ref} names nothing`);
    return found;
  }

  faults(schema: Schema, value: unknown, what: string): string[] {
    const validate = this.#compiled.get(schema) ?? this.#compile(schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  #compile(schema: Schema): ValidateFunction {
    const { schemas } = this.#document.components;
    const validate = this.#ajv.compile({ allOf: [schema], components: { schemas } });
    this.#compiled.set(schema, validate);
    return validate;
  }
}
