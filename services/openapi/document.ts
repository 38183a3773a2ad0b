/** The parts of an OpenAPI 3.1 document that we write, as far as we read them again. */

/** A JSON Schema (2020-12). */
export type Schema = { readonly [keyword: string]: unknown };

export interface Reference {
  readonly $ref: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly style?: string;
  readonly explode?: boolean;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example | Reference>>;
}

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface MediaType {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example | Reference>>;
}

export interface Header {
  readonly description: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export type Security = readonly Readonly<Record<string, readonly string[]>>[];

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: Security;
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof METHODS)[number];

export type PathItem<Op = Operation> = { readonly [M in Method]?: Op };

type Named<T> = Readonly<Record<string, T>>;

export interface Components {
  readonly schemas?: Named<Schema>;
  readonly responses?: Named<Response>;
  readonly parameters?: Named<Parameter>;
  readonly headers?: Named<Header>;
  readonly examples?: Named<Example>;
  readonly securitySchemes?: Named<object>;
}

export interface OpenapiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Named<PathItem>;
  readonly components: Components;
}

/** How the answer of a route is kept by its readers: what headers it has. */
export type AnswerKind = 'panel' | 'dashboard' | 'document';

/** An operation as the routes alone tell it. */
export type CollectedOperation = Partial<Omit<Operation, 'responses'>> & {
  readonly responses: Readonly<Record<string, Response>>;
  readonly 'x-answer'?: AnswerKind;
};

/** A document as the routes alone tell it. */
export type CollectedDocument = Omit<OpenapiDocument, 'paths'> & {
  readonly paths: Named<PathItem<CollectedOperation>>;
};

export function ref(kind: keyof Components, name: string): Reference {
  return { $ref: `#/components/${kind}/${name}` };
}

/** A schema that is another's. */
export function schemaRef(name: string): Schema {
  return { ...ref('schemas', name) };
}
