import { readFileSync } from 'node:fs';
import t from 'tap';
import { loadConfig, settingNames } from '../../config.js';
import { envExample, settingsPage, withSettings } from '../../scripts/settings-pages.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

t.test('.env.example, docs/settings.md and the README are what `npm run settings` writes', (t) => {
  t.equal(read('.env.example'), envExample());
  t.equal(read('docs/settings.md'), settingsPage());
  t.equal(read('README.md'), withSettings(read('README.md')));
  t.throws(() => withSettings('no marks'), /has no <!-- settings -->/);
  t.end();
});

/** The variables of a file in the form of .env, those behind a comment sign included. */
function variablesOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

t.test('.env.example lists every variable that means something', (t) => {
  t.same(new Set(variablesOf(read('.env.example')).keys()), settingNames());
  t.end();
});

t.test('with all comment signs removed, .env.example means what the defaults mean', (t) => {
  const {
    explicit: _,
    definitionEnvironment: __,
    ...uncommented
  } = loadConfig(Object.fromEntries(variablesOf(read('.env.example'))));
  const { explicit: ___, definitionEnvironment: ____, ...defaults } = loadConfig({});
  t.same(uncommented, defaults);
  t.end();
});
