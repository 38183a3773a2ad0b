import t from 'tap';
import { ERRORS } from '../../../errors.js';
import { problemExamples } from '../../../services/openapi/problem.js';
import { type Area, problemResponse, problemResponses } from '../../../services/openapi/problem-responses.js';

const COMPONENTS = problemResponses();
const EXAMPLES = problemExamples();

function responseOf(status: number, area: Area) {
  const name = problemResponse(status, area).$ref.replace('#/components/responses/', '');
  return { name, response: COMPONENTS[name] };
}

/** The problems that a response shows, by code. */
function shown(status: number, area: Area): Record<string, { status: number }> {
  const examples = responseOf(status, area).response?.content?.['application/problem+json']?.examples ?? {};
  const values = Object.entries(examples).map(([code, example]) => {
    const value = '$ref' in example ? EXAMPLES[example.$ref.split('/').at(-1) ?? '']?.value : example.value;
    return [code, value as { status: number }] as const;
  });
  return Object.fromEntries(values);
}

const STATUSES = [400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 500, 502, 503, 504];
const AREAS: readonly Area[] = ['', 'Data', 'Dashboard', 'Administration'];

t.test('every code of the table of errors is shown somewhere, under its own status alone', async (t) => {
  const codes = new Set<string>();
  for (const area of AREAS)
    for (const status of STATUSES)
      for (const [code, problem] of Object.entries(shown(status, area))) {
        t.equal(problem.status, status, `${code} in ${status}`);
        codes.add(code);
      }
  t.same([...codes].sort(), Object.keys(ERRORS).sort());
});

t.test('an address shows the codes that it gives', async (t) => {
  t.same(Object.keys(shown(404, '')), ['route_unknown']);
  t.match(shown(404, 'Data'), { panel_unknown: {}, parameter_unknown: {}, route_unknown: {} });
  t.notOk(shown(503, 'Data')['switch_not_taken']);
  t.ok(shown(503, 'Administration')['switch_not_taken']);
  t.notOk(shown(400, 'Data')['body_invalid']);
  t.equal(
    responseOf(405, 'Data').name,
    responseOf(405, '').name,
    'what is the same everywhere is there once',
  );
});

t.test('headers say when to try again, which methods there are, and what credential is wanted', async (t) => {
  const namesOf = (status: number, area: Area) =>
    Object.keys(responseOf(status, area).response?.headers ?? {});
  t.same(namesOf(503, 'Data'), ['Cache-Control', 'Retry-After']);
  t.same(namesOf(429, ''), ['Cache-Control', 'Retry-After']);
  t.same(namesOf(405, ''), ['Cache-Control', 'Allow']);
  t.same(namesOf(401, 'Administration'), ['Cache-Control', 'WWW-Authenticate']);
  t.ok(
    namesOf(502, 'Dashboard').includes('Dashcache-Panels'),
    'a whole dashboard tells how each panel was answered',
  );
  t.notOk(namesOf(404, 'Dashboard').includes('Dashcache-Panels'));
});

t.test('HEAD has the same responses without a body', async (t) => {
  for (const area of AREAS)
    for (const status of STATUSES) {
      const { name, response } = responseOf(status, area);
      const { content, ...others } = response ?? { content: undefined };
      t.ok(content, name);
      t.same(COMPONENTS[`${name}Head`], others);
    }
});
