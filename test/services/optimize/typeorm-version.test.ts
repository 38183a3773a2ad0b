import { join } from 'node:path';
import t, { type Test } from 'tap';
import { TypeOrmVersions } from '../../../services/optimize/typescript/typeorm-version.js';

const asked = (t: Test, typeorm: string, installed?: string): string | null => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ dependencies: { typeorm } }),
    ...(installed && {
      node_modules: { typeorm: { 'package.json': JSON.stringify({ version: installed }) } },
    }),
    src: { users: {} },
  });
  return new TypeOrmVersions().tooOldIn(join(folder, 'src/users'));
};

t.test('from 0.3.20 on there is exists', async (t) => {
  for (const version of [
    '0.3.20',
    '^0.3.20',
    '~0.3.21',
    '>=0.4',
    '1.0.0',
    '^1',
    'latest',
    '*',
    'workspace:*',
  ])
    t.equal(asked(t, version), null, version);
});

t.test('where the lower bound is older, it is doubted', async (t) => {
  for (const version of ['0.3.17', '^0.3.0', '~0.2.45', '^0.3', '0.3.19'])
    t.match(asked(t, version), /exists\(\) is sure to be there from 0\.3\.20/, version);
});

t.test('what is installed decides before what is asked for', async (t) => {
  t.equal(asked(t, '^0.3.0', '0.3.24'), null);
  t.match(asked(t, '*', '0.3.11'), /TypeORM 0\.3\.11/);
});
