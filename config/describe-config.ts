import type { Config } from '../config.js';
import { configSchema } from './settings.js';

/**
 * The settings by variable, as they would be written, for the log and for people. Secrets are never in it:
 * an address keeps its host and database, anything else secret only says that it is set.
 */
export function describeConfig(config: Config): Record<string, string | null> {
  const described: Record<string, string | null> = {};
  for (const { about } of Object.values(configSchema.properties)) {
    const text = config.definitionEnvironment[about.variable] ?? null;
    described[about.variable] = about.secret && text !== null ? withoutSecret(text) : text;
  }
  return described;
}

function withoutSecret(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  // Without a host the rest of the text may be anything, the secret included.
  if (!url?.host) return '(set)';
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
