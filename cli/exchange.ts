import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** More than any answer of a service; whatever it is, it is not read to its end. */
const MAX_ANSWER_CHARS_COUNT = 64 * 1024 * 1024;

export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * One request and its answer, of any status; no redirect is followed. Rejects when there is none, and when `signal` aborts.
 * Not fetch: that gives up after five minutes without headers, and a warming may take longer.
 */
export function exchange({ method, url, headers, body, signal }: Asked): Promise<Answered> {
  const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // agent: false: a connection that is kept would keep the command from ending.
    const request = begin(url, { method, headers, signal, agent: false });
    request.once('error', reject);
    request.once('response', (response) => {
      textOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        reject,
      );
    });
    request.end(body ?? undefined);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) {
    text += part;
    if (text.length > MAX_ANSWER_CHARS_COUNT) throw new Error('its answer has no end');
  }
  return text;
}
