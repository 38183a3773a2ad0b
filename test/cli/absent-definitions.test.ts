import { join } from 'node:path';
import t from 'tap';
import { absentDefinitions } from '../../cli/absent-definitions.js';

t.test('a folder without any YAML file is told with what to do', async (t) => {
  const folder = t.testdir({ empty: {}, hidden: { '.old.yaml': '' }, other: { 'notes.txt': '' }, file: '' });
  for (const name of ['empty', 'hidden', 'other']) {
    const path = join(folder, name);
    t.match(
      await absentDefinitions(path),
      `There are no dashboards to serve: ${path} holds no YAML file\nhelp: `,
    );
  }
  t.match(await absentDefinitions(join(folder, 'none')), 'none does not exist\nhelp: ');
  t.match(await absentDefinitions(join(folder, 'file')), 'file is no folder\nhelp: ');
  t.match(await absentDefinitions('x'.repeat(300)), 'cannot be read (ENAMETOOLONG)\nhelp: ');
});

t.test('where the demo is installed, it is one of the ways out', async (t) => {
  const told = await absentDefinitions(t.testdir({}));
  t.match(told, /--config.*DASHCACHE_CONFIG.*serve --demo$/);
  t.notMatch(told, 'docker');
});

t.test('any YAML file is something to serve; what is wrong with it is for the checks to say', async (t) => {
  t.equal(await absentDefinitions(t.testdir({ 'sales.yml': '' })), null);
  t.equal(await absentDefinitions(t.testdir({ 'dashcache.yaml': 'broken: [' })), null);
});
