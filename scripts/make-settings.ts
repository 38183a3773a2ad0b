/** Writes .env.example, docs/settings.md and the table in README.md from the schema of the settings; a test fails when they differ from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample, settingsPage, withSettings } from './settings-pages.js';

const root = new URL('../', import.meta.url);
writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/settings.md', root), settingsPage());

const readme = new URL('README.md', root);
writeFileSync(readme, withSettings(readFileSync(readme, 'utf8')));
