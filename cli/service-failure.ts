import type { IncomingHttpHeaders } from 'node:http';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { CommandFailure } from './command-failure.js';
import type { Answered } from './exchange.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { printable } from './printable.js';

/** What a command needs of a problem; its code is text, for a later service may have others. */
const ProblemSchema = Type.Object({
  code: Type.String(),
  status: Type.Integer(),
  title: Type.String(),
  detail: Type.String(),
  request_id: Type.String(),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        detail: Type.String(),
        parameter: Type.Optional(Type.String()),
        pointer: Type.Optional(Type.String()),
      }),
    ),
  ),
});
type Problem = Static<typeof ProblemSchema>;

/** The service said no; `code` is that of its problem. */
export class ServiceFailure extends CommandFailure {
  readonly code: string;

  constructor(code: string, message: string, exitCode: ExitCode) {
    super(message, exitCode);
    this.name = 'ServiceFailure';
    this.code = code;
  }
}

interface AskedService {
  readonly address: string;
  readonly tokenSent: boolean;
}

/** The failure that a problem of the service is, for people; null where the body is none. */
export function serviceFailure(
  body: unknown,
  { headers }: Pick<Answered, 'headers'>,
  asked: AskedService,
): ServiceFailure | null {
  if (!Value.Check(ProblemSchema, body)) return null;
  const problem = printable(body);
  const lines = [headline(problem), ...faultLines(problem), ...whatToDo(problem, headers, asked)];
  return new ServiceFailure(problem.code, lines.join('\n'), exitCodeOf(problem));
}

function headline({ title, detail }: Problem): string {
  return title === detail ? title : `${title}: ${detail}`;
}

function faultLines({ errors = [], detail }: Problem): string[] {
  return errors
    .map((fault) => ({ place: fault.parameter ?? fault.pointer ?? '', text: fault.detail }))
    .filter(({ text, place }) => place !== '' || text !== detail)
    .map(({ text, place }) => (place === '' ? `  ${text}` : `  ${place}: ${text}`));
}

function whatToDo(
  { code, status, request_id }: Problem,
  headers: IncomingHttpHeaders,
  asked: AskedService,
): string[] {
  if (code === 'administration_closed') {
    return ['help: start the service with an ADMIN_TOKEN, and set the same one here'];
  }
  if (status === 401 || status === 403) {
    return [
      asked.tokenSent
        ? 'help: the ADMIN_TOKEN that is set here is not the one of that service'
        : 'help: set ADMIN_TOKEN, or ADMIN_TOKEN_FILE, to the one of that service',
    ];
  }
  if (code === 'route_unknown') {
    return [`help: is BASE_PATH missing in ${asked.address}, or is the service of another version?`];
  }
  if (status < 500 && status !== 429) return [];
  const again = headers['retry-after'];
  return [
    ...(again !== undefined && /^\d+$/.test(again) ? [`help: try again in ${again} s`] : []),
    `The log of the service has more under request id ${request_id}`,
  ];
}

/** Wrong is the call where its words are; everything else is for the surroundings to mend. */
function exitCodeOf({ status, code }: Problem): ExitCode {
  const wrongCall = [400, 404, 422].includes(status) && code !== 'route_unknown';
  return wrongCall ? EXIT.usage : EXIT.environment;
}
