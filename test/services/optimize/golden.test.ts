import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { applyEdits } from '../../../services/optimize/edit.js';
import { type OptimizedText, optimizeText } from '../../../services/optimize/optimize-text.js';
import { loadSyntax } from '../../../services/optimize/syntax.js';
import { pythonFaults } from './python-faults.js';
import { typeScriptFaults } from './typescript-faults.js';

/**
 * Each case is `=== language: name`, a text, and what must become of it after a line `--- rewritten`; without that line the text
 * must stay as it is.
 */
const FOLDER = new URL('../../golden/optimize/', import.meta.url);

interface Case {
  readonly title: string;
  readonly language: 'python' | 'typescript';
  readonly input: string;
  readonly expected: string;
}

const CASES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.case'))
  .flatMap((name) => casesOf(name, readFileSync(fileURLToPath(new URL(name, FOLDER)), 'utf8')));

function casesOf(file: string, text: string): Case[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [, language, name, body = ''] = /^(\w+): (.*)\n([\s\S]*)$/.exec(part) ?? [];
      const [input = '', expected] = body.split(/^--- rewritten\n/m);
      if (language !== 'python' && language !== 'typescript') throw new Error(`${file}: ${part}`);
      return { title: `${file}: ${name}`, language, input, expected: expected ?? input };
    });
}

/** What editors make of one text. */
const VARIANTS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'with CRLF': (text) => text.replaceAll('\n', '\r\n'),
  'with a byte order mark': (text) => `\uFEFF${text}`,
  'without a final newline': (text) => text.replace(/\n$/, ''),
  'with all of these': (text) => `\uFEFF${text.replace(/\n$/, '').replaceAll('\n', '\r\n')}`,
};

const syntax = await loadSyntax();
const optimized = ({ language }: Case, text: string): OptimizedText =>
  optimizeText(text, { syntax, language, tooOld: null });

t.test('there are cases of both kinds', async (t) => {
  const rewritten = CASES.filter(({ input, expected }) => input !== expected);
  t.ok(rewritten.length >= 300, `${rewritten.length} must be rewritten`);
  t.ok(CASES.length - rewritten.length >= 200, `${CASES.length - rewritten.length} must stay`);
});

for (const [variant, varied] of Object.entries(VARIANTS)) {
  t.test(`each case becomes what it must, ${variant}`, async (t) => {
    const wrong = CASES.flatMap((one) => {
      const { output } = optimized(one, varied(one.input));
      return output === varied(one.expected)
        ? []
        : [{ title: one.title, output, expected: varied(one.expected) }];
    });
    t.same(wrong, []);
  });
}

t.test('a second run changes nothing, and nothing but the edits differs', async (t) => {
  for (const one of CASES) {
    const { output, edits } = optimized(one, one.input);
    if (edits.length === 0) continue;
    if (optimized(one, output).output !== output) t.fail(`${one.title}: a second run changes it`);
    if (applyEdits(one.input, edits) !== output) t.fail(`${one.title}: the edits are not all`);
    const kept = edits.reduce(
      (length, edit) => length - (edit.endOffset - edit.startOffset),
      one.input.length,
    );
    const added = edits.reduce((length, edit) => length + edit.text.length, 0);
    if (output.length !== kept + added) t.fail(`${one.title}: something else was changed`);
  }
  t.pass(`${CASES.length} cases`);
});

const judged = (language: Case['language']) =>
  CASES.filter((one) => one.language === language).map((one) => ({
    title: one.title,
    text: optimized(one, one.input).output,
  }));

t.test('every output in TypeScript is taken by its compiler, which sees what is wrong', async (t) => {
  t.same(typeScriptFaults(judged('typescript')), []);
  t.equal(typeScriptFaults([{ title: 'broken', text: 'if (a > ) {}' }]).length, 1);
});

const skip = pythonFaults([]) === null ? 'python3 is not installed' : false;
t.test('every output in Python is taken by its compiler, which sees what is wrong', { skip }, async (t) => {
  t.same(pythonFaults(judged('python')), []);
  t.equal(pythonFaults([{ title: 'broken', text: 'if a > :\n    pass\n' }])?.length, 1);
});
