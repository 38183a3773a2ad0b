import type { IncomingMessage } from 'node:http';

/** What a request expects that nobody here can meet, for people; null when that is nothing (RFC 9110 section 10.1.1). */
export function expectFault({ headers: { expect } }: Pick<IncomingMessage, 'headers'>): string | null {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return null;
  return 'The Expect field can ask for 100-continue, and for nothing else.';
}
