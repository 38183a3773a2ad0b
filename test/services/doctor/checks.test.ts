import { readFileSync } from 'node:fs';
import t from 'tap';
import { CHECK_GROUPS, type Check } from '../../../services/doctor/check.js';
import { CHECKS, DEPLOYMENT_CHECKS } from '../../../services/doctor/checks.js';
import { type FactName, type Gathered, unknown } from '../../../services/doctor/facts.js';
import { hasFaults, runChecks } from '../../../services/doctor/run-checks.js';
import { BAD, BAD_TOO, BLIND } from './support/bad-facts.js';
import { goodFacts } from './support/good-facts.js';

t.test('in a good environment every check looks, and none finds anything', async (t) => {
  const result = runChecks(CHECKS, await goodFacts(t));
  t.same(result.findings, []);
  t.same(result.not_checked, []);
  t.same(
    result.fine,
    CHECKS.map(({ id }) => id),
  );
  t.notOk(hasFaults(result));
});

t.test('every check has a bad environment in which it fires, with evidence and a fix', async (t) => {
  t.ok(CHECKS.length >= 30, `there are ${CHECKS.length} checks`);
  t.same(Object.keys(BAD).sort(), CHECKS.map(({ id }) => id).sort(), 'each has one, and none is left over');
  for (const [id, spoil] of Object.entries(BAD)) {
    const { findings } = runChecks(CHECKS, await spoil(await goodFacts(t), t));
    const own = findings.filter(({ check }) => check === id);
    t.ok(own.length > 0, `${id} fires`);
    for (const { evidence, fix } of own)
      t.ok(evidence.length > 5 && fix.length > 5, `${id} says what and how`);
  }
});

t.test('a check that has several ways to fire fires in each, as bad as it is', async (t) => {
  for (const [id, severity, spoil] of BAD_TOO) {
    const { findings } = runChecks(CHECKS, await spoil(await goodFacts(t), t));
    const own = findings.filter(({ check }) => check === id);
    t.match(own, [{ severity }], id);
  }
});

t.test('where facts do not tell enough, the check says so and is not fine', async (t) => {
  for (const [id, spoil] of BLIND) {
    const { fine, not_checked } = runChecks(CHECKS, await spoil(await goodFacts(t), t));
    t.notOk(fine.includes(id), id);
    t.ok(
      not_checked.some(({ check }) => check === id),
      `${id} has a reason`,
    );
  }
});

t.test('what is not known is not fine: each check says that it could not look, and why', async (t) => {
  const good = await goodFacts(t);
  const blind = Object.fromEntries(
    Object.keys(good).map((name) => [name, unknown(`no ${name}`)]),
  ) as unknown as Gathered;
  const result = runChecks(CHECKS, blind);
  t.same(result.fine, []);
  t.same(
    [...new Set(result.not_checked.map(({ check }) => check))],
    CHECKS.map(({ id }) => id),
  );
  for (const name of Object.keys(good) as FactName[]) {
    const { fine, not_checked } = runChecks(CHECKS, { ...good, [name]: unknown('it is away') });
    const blinded = CHECKS.filter(({ needs }) => needs.includes(name)).map(({ id }) => id);
    t.same(
      blinded.filter((id) => fine.includes(id)),
      [],
      `without ${name}`,
    );
    const told = not_checked.filter(({ reason }) => reason === 'it is away').map(({ check }) => check);
    t.same(told, blinded, 'each says why');
  }
});

t.test('a part of which nothing is known is told beside what was found', async (t) => {
  const blind: Check = {
    id: 'half',
    group: 'redis',
    severity: 'note',
    what: '',
    fix: 'wait',
    needs: [],
    run: () => [{ unseen: 'the second node is away' }, { evidence: 'the first is slow', severity: 'error' }],
  };
  t.match(runChecks([blind], await goodFacts(t)), {
    findings: [{ check: 'half', severity: 'error', fix: 'wait' }],
    not_checked: [{ check: 'half', reason: 'the second node is away' }],
    fine: [],
  });
});

t.test('before a start everything that needs no service is looked at', (t) => {
  const ids = DEPLOYMENT_CHECKS.map(({ id }) => id);
  for (const id of ['redis-ping', 'redis-rights', 'source-read-only', 'index-missing', 'tenant-scoping'])
    t.ok(ids.includes(id), id);
  for (const id of ['hit-rate-zero', 'service-reachable', 'definitions-same']) t.notOk(ids.includes(id), id);
  t.end();
});

const PAGE = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');

/** The rows of docs/doctor.md: id, severity, what, fix; by group. */
function documented(page: string): string[][] {
  return page.split(/^### /m).flatMap((section) => {
    const [group = ''] = section.split('\n');
    const rows = section.matchAll(/^\| `([a-z-]+)` \| (error|warning|note) \| (.+?) \| (.+) \|$/gm);
    return [...rows].map(([, ...cells]) => [group.toLowerCase(), ...cells]);
  });
}

const inForce = CHECK_GROUPS.flatMap((group) =>
  CHECKS.filter((each) => each.group === group).map(({ id, severity, what, fix }) => [
    group,
    id,
    severity,
    what.replaceAll('|', '\\|'),
    fix.replaceAll('|', '\\|'),
  ]),
);

t.test('docs/doctor.md lists every check as it is, and no other', (t) => {
  t.same(documented(PAGE), inForce);
  t.notSame(documented(PAGE.replace(/^\| `redis-ping`.*$/m, '')), inForce, 'one that is missing is seen');
  t.end();
});
