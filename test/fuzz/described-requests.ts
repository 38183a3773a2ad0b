import type { SeededRandom } from '../helpers/seeded-random.js';
import { brokenJson, describedValue } from './described-values.js';

/** A request as it will be sent; its parts may be anything but a head that is cut short. */
export interface DescribedRequest {
  readonly method: string;
  readonly target: string;
  /** Field lines without their ends. */
  readonly fields: readonly string[];
  readonly body: string;
}

export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly maxLength?: number;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly security?: readonly object[];
}

/** As much of /openapi.json as is read here. */
export interface DescribedApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly parameters?: Readonly<Record<string, Parameter>> };
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'propfind'];
const MEDIA_TYPES = ['application/json; charset=utf-16', 'text/plain', 'multipart/form-data', '', '*/*'];
const ODD_FIELDS = [
  'Accept-Encoding: br;q=2, gzip;q=x, *;q=-1',
  'If-None-Match: "a, W/"b", *',
  'Range: bytes=0-1,5-',
  'Expect: 100-continue',
  'Content-Encoding: gzip',
  'Cookie: a=b; __proto__=1',
  'X-Forwarded-Host: attacker.example',
  'X-HTTP-Method-Override: DELETE',
  'Origin: null',
  'Upgrade: h2c',
  'Authorization: Basic Og==',
  'X-Api-Key: \x80\xff',
  'X-Request-Id: ../../etc',
];

/** Requests for every operation that a service describes: most of them as it wants them, or nearly, some broken. */
export class DescribedRequests {
  readonly #operations: readonly { path: string; method: string; operation: Operation }[];

  constructor(
    private readonly api: DescribedApi,
    private readonly adminToken: string,
  ) {
    this.#operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  get operationsCount(): number {
    return this.#operations.length;
  }

  next(random: SeededRandom): DescribedRequest {
    const { path, method, operation } = random.pick(this.#operations);
    const fields = ['Host: 127.0.0.1', 'Connection: close'];
    const query: string[] = [];
    let target = path;
    for (const parameter of this.#parametersOf(operation)) {
      const text = textOf(parameter, random);
      if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encoded(text, random));
      else if (parameter.in === 'header')
        fields.push(`${parameter.name}: ${text.replace(/[\r\n\0]/g, ' ').slice(0, 200)}`);
      else if (!random.chance(0.1)) query.push(`${parameter.name}=${encoded(text, random)}`);
    }
    if (random.chance(0.1)) query.push(...query, `more=${encoded(valueText({}, random), random)}`);
    if ((operation.security ?? []).length > 0 && !random.chance(0.05))
      fields.push(`Authorization: Bearer ${this.adminToken}`);
    if (random.chance(0.1)) fields.push(random.pick(ODD_FIELDS));
    const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
    const body = schema ? bodyOf(schema, random) : random.chance(0.03) ? '{}' : '';
    if (body !== '') {
      const mediaType = random.chance(0.9) ? 'application/json' : random.pick(MEDIA_TYPES);
      fields.push(`Content-Type: ${mediaType}`, `Content-Length: ${Buffer.byteLength(body)}`);
    }
    return {
      method: (random.chance(0.97) ? method : random.pick(METHODS)).toUpperCase(),
      target: query.length === 0 ? target : `${target}?${query.join('&')}`,
      fields,
      body,
    };
  }

  #parametersOf({ parameters = [] }: Operation): Parameter[] {
    return parameters.map((given) => {
      const name = given.$ref?.split('/').at(-1);
      return (name === undefined ? undefined : this.api.components.parameters?.[name]) ?? given;
    });
  }
}

function textOf({ example, examples, schema = {} }: Parameter, random: SeededRandom): string {
  const known = [example, ...Object.values(examples ?? {}).map(({ value }) => value)].filter(
    (value) => value !== undefined,
  );
  if (known.length > 0 && random.chance(0.5)) return asText(random.pick(known));
  return valueText(schema, random);
}

function valueText(schema: Schema, random: SeededRandom): string {
  return asText(describedValue(schema, random));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bodyOf(schema: Schema, random: SeededRandom): string {
  const json = JSON.stringify(describedValue(schema, random));
  return random.chance(0.15) ? brokenJson(json, random) : json;
}

/** Percent-encoded, as a client does it; now and then as one does who does not know how. */
function encoded(text: string, random: SeededRandom): string {
  if (random.chance(0.9)) return encodeURIComponent(Buffer.from(text).toString());
  // Characters that would end the line are no fault of a value.
  return text.replace(/[\s\0]/g, '+');
}
