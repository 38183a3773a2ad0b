/** Writes .env.example and docs/settings.md from the schema of the settings; a test fails when they differ from it. */
import { writeFileSync } from 'node:fs';
import { envExample, settingsPage } from './settings-pages.js';

const root = new URL('../', import.meta.url);
writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/settings.md', root), settingsPage());
