import { readFileSync } from 'node:fs';
import t from 'tap';
import { EXIT } from '../../cli/exit-codes.js';
import { runCommand } from '../../cli/run-command.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { pageService } from './support/page-service.js';
import { runAgainst } from './support/run-against.js';

const PAGE = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
/** The part of the page about each command, by its name. */
const SECTIONS = new Map(
  PAGE.split(/^## /m).flatMap((text) => {
    const [, name] = /^`dashcache ([a-z]+)/.exec(text) ?? [];
    return name === undefined ? [] : [[name, text] as const];
  }),
);
/** They need a folder, so their examples are not run here: the test of each command has them. */
const WITH_FOLDER = ['serve', 'validate', 'types', 'changes', 'optimize', 'simulate', 'doctor', 'audit'];

async function help(...words: string[]): Promise<string> {
  const terminal = new FakeTerminal();
  await runCommand([...words, '--help'], terminal);
  return terminal.outText;
}

t.test('docs/commands.md has a section for every command, and for no other', async (t) => {
  const listed = [...(await help()).matchAll(/^ {2}([a-z]+)(?: \S+)* {2,}\S/gm)].map(([, name]) => name);
  t.same(
    [...SECTIONS.keys()],
    listed.filter((name) => name !== 'help'),
  );
});

t.test('each section names every option of its command, and no other', async (t) => {
  for (const [name, section] of SECTIONS) {
    const described = [...section.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, option]) => option);
    const real = [...(await help(name)).matchAll(/^ {2}(--\S+(?: <[^>]+>)?) {2,}\S/gm)];
    t.same(
      described,
      real.map(([, option]) => option),
      name,
    );
  }
});

t.test('every exit code is explained', async (t) => {
  const described = [...PAGE.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  t.same(described, Object.values(EXIT));
});

/** The examples of a section: what is typed, and what is then seen. */
function examplesOf(section: string): { words: string[]; shown: string }[] {
  return [...section.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = '']) => {
    const [typed = '', ...shown] = text.trimEnd().split('\n');
    const words = [...typed.replace(/^\$ dashcache /, '').matchAll(/'([^']*)'|(\S+)/g)];
    return { words: words.map(([, quoted, bare]) => quoted ?? bare ?? ''), shown: shown.join('\n') };
  });
}

t.test('each example shows what its command prints', async (t) => {
  for (const [name, section] of SECTIONS) {
    const examples = examplesOf(section);
    t.ok(examples.length > 0, `${name} has an example`);
    if (WITH_FOLDER.includes(name)) continue;
    for (const { words, shown } of examples) {
      const { exitCode, terminal } = await runAgainst(await pageService(t), words);
      t.equal(exitCode, 0, words.join(' '));
      t.equal(shown, [...terminal.errLines, ...terminal.outLines].join('\n'));
    }
  }
});
