import { suggest } from './suggest.js';

/** Whether a text is the IANA name of a time zone; offsets such as +02:00 know no summer and are none. */
export function isTimezone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

export function nearTimezone(text: string): string | null {
  return suggest(text, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
}
