import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { childEnvironment, sourceCommand } from '../helpers/start-service.js';

const COUNTS = 'if Order.objects.count() > 0:\n    ship()\nif items.count() > 0:\n    ship()\n';

async function optimize(
  words: readonly string[],
  terminal = new FakeTerminal(),
): Promise<{ exitCode: number; terminal: FakeTerminal }> {
  return { exitCode: await runCommand(['optimize', ...words], terminal), terminal };
}

t.test('a dry run prints the diff, what is left and why, and the sum; exit code 0', async (t) => {
  const folder = t.testdir({ 'a.py': COUNTS });
  const { exitCode, terminal } = await optimize(['--dry-run', '--path', folder]);
  const name = join(relative(process.cwd(), folder), 'a.py');
  t.equal(exitCode, 0);
  t.same(terminal.outLines, [
    `--- a/${name}`,
    `+++ b/${name}`,
    '@@ -1,4 +1,4 @@',
    '-if Order.objects.count() > 0:',
    '+if Order.objects.exists():',
    '     ship()',
    ' if items.count() > 0:',
    '     ship()',
    `${name}:3:4: left: it is not known to be a query of Django or SQLAlchemy`,
    '1 file: 1 check to rewrite in 1 file, 1 left',
  ]);
  t.equal(readFileSync(join(folder, 'a.py'), 'utf8'), COUNTS);
});

t.test('without --dry-run it writes, and a second run has nothing to do', async (t) => {
  const folder = t.testdir({ 'a.py': COUNTS });
  const { exitCode, terminal } = await optimize(['--path', folder]);
  t.equal(exitCode, 0);
  t.equal(terminal.outLines.at(-1), '1 file: 1 check rewritten in 1 file, 1 left');
  t.match(readFileSync(join(folder, 'a.py'), 'utf8'), /^if Order\.objects\.exists\(\):/);
  t.equal(
    (await optimize(['--path', folder])).terminal.outLines.at(-1),
    '1 file: 0 checks rewritten in 0 files, 1 left',
  );
});

t.test('with --json the same is said as JSON', async (t) => {
  const folder = t.testdir({ 'a.py': COUNTS, 'b.py': 'def f(:\n' });
  const { exitCode, terminal } = await optimize(['--dry-run', '--json', '--path', folder]);
  t.equal(exitCode, 1);
  t.match(JSON.parse(terminal.outText), {
    ok: false,
    dry_run: true,
    files: 1,
    rewritten: [{ file: /a\.py$/, line: 1, column: 4, orm: 'Django' }],
    reported: [{ file: /a\.py$/, line: 3, column: 4, reason: /not known/ }],
    failed: [{ file: /b\.py$/, reason: 'it does not parse' }],
    diff: /^--- a/,
  });
});

t.test('a file that does not parse is told of: exit code 1', async (t) => {
  const folder = t.testdir({ 'a.ts': 'if (a > ) {}\n' });
  const { exitCode, terminal } = await optimize(['--path', folder]);
  t.equal(exitCode, 1);
  t.match(terminal.outText, /a\.ts: skipped: it does not parse\n0 files: .*, 1 file skipped$/);
});

t.test('a terminal gets no control characters of the source, a pipe gets each byte', async (t) => {
  const bell = String.fromCharCode(7);
  const folder = t.testdir({ 'a.py': `if Order.objects.filter(a="${bell}").count() > 0:\r\n\tship()\r\n` });
  const watching = Object.assign(new FakeTerminal(), { watched: true });
  const { terminal } = await optimize(['--dry-run', '--path', folder], watching);
  t.match(terminal.outText, 'filter(a="\\u0007").exists():\n \tship()\n');
  t.match((await optimize(['--dry-run', '--path', folder])).terminal.outText, `a="${bell}").exists():\r\n`);
});

t.test('a path that is no folder, or none, is a wrong call: exit code 2', async (t) => {
  const { exitCode, terminal } = await optimize(['--path', '/does/not/exist']);
  t.equal(exitCode, 2);
  t.equal(terminal.errText, '/does/not/exist is no folder');
  t.equal((await optimize([])).exitCode, 2);
});

t.test(
  'where the parser is not installed it says what to install, with exit code 3, and touches nothing',
  async (t) => {
    const folder = t.testdir({ 'a.py': COUNTS });
    const hook = `export const resolve = (name, context, next) => {
    if (name.startsWith('@ast-grep/')) throw Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  };`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
    const [program, ...words] = sourceCommand('cli/dashcache.ts');
    const { status, stdout, stderr } = spawnSync(
      program,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(register)}`,
        ...words,
        'optimize',
        '--path',
        folder,
      ],
      { encoding: 'utf8', env: childEnvironment() },
    );
    t.equal(status, 3);
    t.equal(
      stderr.trim(),
      'Parsing needs two packages more: npm install @ast-grep/napi @ast-grep/lang-python',
    );
    t.equal(stdout, '');
    t.equal(readFileSync(join(folder, 'a.py'), 'utf8'), COUNTS);
  },
);
