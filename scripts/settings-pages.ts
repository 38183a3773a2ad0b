import { type AboutSetting, configSchema } from '../config/settings.js';

const SETTINGS: readonly AboutSetting[] = Object.values(configSchema.properties).map(
  (setting) => setting.about,
);

/** The content of .env.example: every setting with its default, switched off by a comment sign. */
export function envExample(): string {
  const now = SETTINGS.map(({ variable, defaultText, help, secret }) => {
    const lines = [`# ${help}.`, `#${variable}=${defaultText ?? ''}`];
    if (secret) lines.push(`#${variable}_FILE=`);
    return lines.join('\n');
  });
  return `# Every setting of dashcache with its default. An empty value counts as unset. NAME_FILE names a file that holds
# the value of NAME. Written by \`npm run settings\`.

${now.join('\n\n')}
`;
}

function settingsTable(): string {
  const rows = SETTINGS.map(
    ({ variable, defaultText, accepts, help }) =>
      `| \`${variable}\` | ${defaultText ? `\`${defaultText}\`` : ''} | ${cell(help)} | ${cell(accepts)} |`,
  );
  return ['| Variable | Default | Meaning | Accepted |', '|---|---|---|---|', ...rows].join('\n');
}

const README_PART = /(<!-- settings -->\n).*?(<!-- \/settings -->)/s;

/** The README with a short table of the settings between its marks. Throws when the marks are not there. */
export function withSettings(readme: string): string {
  if (!README_PART.test(readme))
    throw new Error('README.md has no <!-- settings --> and <!-- /settings --> marks');
  const rows = SETTINGS.map(
    ({ variable, defaultText, help }) =>
      `| \`${variable}\` | ${defaultText ? `\`${defaultText}\`` : ''} | ${cell(help)} |`,
  );
  const table = ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
  return readme.replace(README_PART, (_, start: string, end: string) => `${start}${table}\n${end}`);
}

export function settingsPage(): string {
  const secrets = SETTINGS.filter((setting) => setting.secret).map(
    (setting) => `\`${setting.variable}_FILE\``,
  );
  return `# Settings

Settings come from the environment. An empty value counts as unset. Everything that is wrong is told at once, and the
service then does not start. A variable that is nearly one of these names is warned of in the log.

${settingsTable()}

Secrets may also be read from a file: ${secrets.join(' and ')} name one, and a line break at its end is dropped.

Where a definition says how long a panel stays fresh, the definition wins over \`METRICS_TIMEOUT\`, \`CHART_DATA_TIMEOUT\`
and \`SUMMARY_TIMEOUT\`; \`dashcache validate\` reports a setting that no panel uses. In the definitions \`\${NAME}\` stands
for any variable of the environment, and for these settings with their defaults.

This page is written by \`npm run settings\`.
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
