import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { childEnvironment, sourceCommand } from '../helpers/start-service.js';

const COMMANDS = [
  'serve',
  'validate',
  'changes',
  'doctor',
  'stats',
  'explain',
  'why',
  'warm',
  'invalidate',
  'flush',
  'switch',
  'report',
  'audit',
  'optimize',
  'simulate',
  'types',
] as const;

async function run(...words: string[]): Promise<{ exitCode: number; terminal: FakeTerminal }> {
  const terminal = new FakeTerminal();
  return { exitCode: await runCommand(words, terminal), terminal };
}

t.test('--help of each command is as agreed, on stdout, with exit code 0', async (t) => {
  for (const command of [[], ...COMMANDS.map((name) => [name])]) {
    const { exitCode, terminal } = await run(...command, '--help');
    t.equal(exitCode, 0);
    t.equal(terminal.errText, '');
    t.matchSnapshot(terminal.outText, ['dashcache', ...command].join(' '));
    t.equal((await run('help', ...command)).terminal.outText, terminal.outText, 'and so does help before it');
  }
});

t.test('every command that exists is described, and none that does not', async (t) => {
  const { terminal } = await run('--help');
  const listed = [...terminal.outText.matchAll(/^ {2}([a-z]+)(?: \S+)* {2,}\S/gm)].map((match) => match[1]);
  t.same(listed.toSorted(), [...COMMANDS, 'help'].toSorted());
});

t.test('--version prints the version of the package', async (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { exitCode, terminal } = await run('--version');
  t.equal(exitCode, 0);
  t.equal(terminal.outText, manifest.version);
});

t.test('called wrongly, it says what is wrong and how to ask, on stderr, with exit code 2', async (t) => {
  const wrong: readonly (readonly [words: string[], told: RegExp])[] = [
    [['sreve'], /unknown command 'sreve'.*Did you mean serve/s],
    [['diagnose'], /unknown command 'diagnose'/],
    [['validate', 'a', 'b'], /too many arguments/],
    [['serve', '--loud'], /unknown option '--loud'/],
    [['serve', '--port', '80x'], /A port is a number from 0 to 65535/],
    [['serve', '--port', '65536'], /A port is a number from 0 to 65535/],
    [['serve', '--port'], /argument missing/],
    [['switch', 'maybe'], /Allowed choices are on, off/],
    [['flush', 'all'], /too many arguments/],
    [['stats', '--url', 'localhost:8000'], /An address begins with http/],
    [['--json'], /unknown option '--json'/],
  ];
  for (const [words, told] of wrong) {
    const { exitCode, terminal } = await run(...words);
    t.equal(exitCode, 2, words.join(' '));
    t.equal(terminal.outText, '');
    t.match(terminal.errText, told);
    t.match(terminal.errText, /--help says how/);
  }
});

t.test('without a command it shows its help on stderr, with exit code 2', async (t) => {
  const { exitCode, terminal } = await run();
  t.equal(exitCode, 2);
  t.match(terminal.errText, 'Usage: dashcache');
});

t.test('as a process it does the same', async (t) => {
  const [program, ...words] = sourceCommand('cli/dashcache.ts');
  const text = execFileSync(program, [...words, 'validate', '--help'], {
    encoding: 'utf8',
    env: childEnvironment(),
  });
  t.equal(text.trimEnd(), (await run('validate', '--help')).terminal.outText);
});
