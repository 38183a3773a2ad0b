import { ERRORS } from '../../errors.js';
import { PROBLEM_TYPE } from '../../services/http/problem.js';
import type { Exchanged } from './exchange.js';
import { type ReadAnswer, readAnswers } from './read-answers.js';

/** What may never happen, whatever is sent. */
export type FaultKind = 'hang' | 'refused' | 'no HTTP' | 'internal error' | 'no problem' | 'leak';

export interface FoundFault {
  readonly kind: FaultKind;
  readonly what: string;
}

/** What gives a server away, whoever wrote it: frames of a stack, files, and errors of the system and of databases. */
const GIVEAWAYS = [
  /\n\s+at .+:\d+:\d+/,
  /(?:file:\/\/|\/)(?:[\w.-]+\/)*node_modules\//,
  /\bE(?:CONNREFUSED|CONNRESET|NOTFOUND|NOENT|ACCES|PIPE|HOSTUNREACH)\b/,
  /\b(?:Binder|Parser|Catalog|Conversion|Invalid Input|Out of Range) Error\b/,
  // With blanks: in an address, which a problem repeats, they are escaped.
  /\bSELECT\s.+\sFROM\s/i,
];

/** Judges what came back for what was `sent`; `canaries` are texts that stand nowhere but in what is secret. */
export function judge({ received, ending }: Exchanged, canaries: readonly string[], sent = ''): FoundFault[] {
  const faults: FoundFault[] = [];
  if (ending === 'hung') faults.push({ kind: 'hang', what: 'neither answered nor closed' });
  if (ending === 'refused') faults.push({ kind: 'refused', what: 'no connection: the service is away' });
  const text = received.toString('latin1');
  for (const canary of canaries)
    if (text.includes(canary)) faults.push({ kind: 'leak', what: `holds ${canary}` });
  const answers = readAnswers(received);
  if (answers === null)
    faults.push({ kind: 'no HTTP', what: `${text.slice(0, 200)} ... ${text.slice(-400)}` });
  for (const answer of answers ?? []) faults.push(...judgeAnswer(answer, sent));
  return faults;
}

function judgeAnswer({ status, head, mediaType, body }: ReadAnswer, sent: string): FoundFault[] {
  if (status < 400) return [];
  const faults: FoundFault[] = [];
  if (status === 500) faults.push({ kind: 'internal error', what: `${head}\n${body}`.slice(0, 400) });
  for (const giveaway of GIVEAWAYS) {
    const found = giveaway.exec(`${head}\n${body}`);
    // A name that nobody knows is said again to who made it up.
    if (found && !sent.includes(found[0])) faults.push({ kind: 'leak', what: found[0] });
  }
  const why = body === '' ? null : noProblem(body, status);
  if (mediaType !== PROBLEM_TYPE) faults.push({ kind: 'no problem', what: `${status} of type ${mediaType}` });
  else if (why !== null) faults.push({ kind: 'no problem', what: `${status}: ${why}` });
  return faults;
}

/** Why a body is none of our problems; null when it is one. */
function noProblem(body: string, status: number): string | null {
  let problem: Readonly<Record<string, unknown>>;
  try {
    problem = JSON.parse(body);
  } catch {
    return `no JSON: ${body.slice(0, 100)}`;
  }
  const { code } = problem;
  if (typeof code !== 'string' || !Object.hasOwn(ERRORS, code)) return `unknown code ${String(code)}`;
  if (problem['status'] !== status) return `says ${String(problem['status'])}`;
  for (const name of ['type', 'title', 'detail', 'instance', 'request_id'])
    if (typeof problem[name] !== 'string') return `has no ${name}`;
  return null;
}
