import { FormatRegistry, type TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type {
  FastifyInstance,
  FastifyRequest,
  FastifySchemaCompiler,
  FastifySchemaValidationError,
} from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError, type Fault } from '../errors.js';
import { parseInstant } from '../services/definitions/instant.js';
import { bodyFaults } from '../services/http/body-faults.js';
import { isDeeperThan } from '../services/http/json-depth.js';

/** The longest body that is read: a hundred tags of the longest kind need a quarter of it. */
export const BODY_MAX_BYTES = 64 * 1024;

/** Deeper ones are refused before they are parsed. What is asked for here needs three levels. */
export const BODY_MAX_LEVELS = 32;

/**
 * How requests are read and checked, and answers written. All of it is said here, so that neither Fastify's own habits (it
 * coerces values and strips unknown members) nor those of a host have a say.
 */
async function bodies(app: FastifyInstance): Promise<void> {
  // Compilers of formats are shared by all that use TypeBox in this process: what is there already is left alone.
  if (!FormatRegistry.Has('date-time'))
    FormatRegistry.Set('date-time', (text) => parseInstant(text) !== null);

  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (isCoded(request)) done(new DashcacheError('media_type_unsupported', { detail: CODED }));
    else if (isDeeperThan(text, BODY_MAX_LEVELS)) done(tooDeep());
    else parse(request, text, done);
  });
  app.addHook('onRoute', (route) => {
    route.bodyLimit ??= BODY_MAX_BYTES;
  });
  app.setValidatorCompiler(compileCheck);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setReplySerializer((payload) => JSON.stringify(payload));
}

const CODED = 'Bodies are read as they are: send it without Content-Encoding.';

/** RFC 9110 section 8.4: to parse what is said to be coded would be to read something else than was sent. */
function isCoded({ headers }: FastifyRequest): boolean {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity';
}

function tooDeep(): DashcacheError {
  const detail = `must not be nested deeper than ${BODY_MAX_LEVELS} levels`;
  return new DashcacheError('body_invalid', { errors: [{ pointer: '', detail }] });
}

/** Nothing in a body is converted; in a query and a path all is text, so what should be a number is read as one. */
const compileCheck: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = TypeCompiler.Compile(schema);
  const hasNumbers = Object.values<TSchema>(schema['properties'] ?? {}).some(isNumeric);
  return (given: unknown) => {
    const value = httpPart === 'body' || !hasNumbers ? given : readTexts(schema, given);
    if (check.Check(value)) return { value };
    return { error: bodyFaults(check.Errors(value)).map(asValidationError) };
  };
};

/** Numbers as JSON writes them, and no others: 1.5 is no whole number, and 1e400 none at all. */
function readTexts(schema: TSchema, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const members = Object.entries(given).map(([name, text]) => {
    const property = schema['properties']?.[name];
    const isNumber =
      property !== undefined && isNumeric(property) && typeof text === 'string' && NUMBER.test(text);
    return [name, isNumber ? Number(text) : text] as const;
  });
  return Object.fromEntries(members);
}

function isNumeric({ type }: TSchema): boolean {
  return type === 'integer' || type === 'number';
}

const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

/** As Fastify wants to be told; the error handler reads the place and the message of it. */
function asValidationError({ pointer = '', detail }: Fault): FastifySchemaValidationError {
  return { instancePath: pointer, message: detail, keyword: '', schemaPath: '', params: {} };
}

export default fp(bodies, { name: 'bodies', fastify: '5.x' });
