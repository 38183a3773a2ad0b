/** One HTTP/1 answer as it stood in what a connection brought. */
export interface ReadAnswer {
  readonly status: number;
  /** The status line and the fields, in Latin-1. */
  readonly head: string;
  readonly mediaType: string;
  readonly body: string;
}

const BLANK_LINE = '\r\n\r\n';

/**
 * The answers in these bytes, in their order; null where the bytes are no HTTP. The last one may lack its body, as after HEAD
 * or when the connection was closed.
 */
export function readAnswers(received: Buffer): ReadAnswer[] | null {
  const answers: ReadAnswer[] = [];
  for (let at = 0; at < received.length; ) {
    const end = received.indexOf(BLANK_LINE, at);
    if (end < 0) return null;
    const head = received.toString('latin1', at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    if (status === 0) return null;
    const bodyAt = end + BLANK_LINE.length;
    const bodyEnd = bodyAt + bodyLength(received, { head, status, bodyAt });
    const mediaType = /^content-type: *([^;\r\n]*)/im.exec(head)?.[1] ?? '';
    answers.push({ status, head, mediaType, body: received.toString('utf8', bodyAt, bodyEnd) });
    at = bodyEnd;
  }
  return answers;
}

interface BodyPlace {
  readonly head: string;
  readonly status: number;
  readonly bodyAt: number;
}

function bodyLength(received: Buffer, { head, status, bodyAt }: BodyPlace): number {
  if (status < 200 || status === 204 || status === 304) return 0;
  // Another answer where a body was announced: that was one to HEAD.
  if (received.toString('latin1', bodyAt, bodyAt + 7) === 'HTTP/1.') return 0;
  const restBytes = received.length - bodyAt;
  if (/^transfer-encoding: *chunked/im.test(head)) return chunkedLength(received, bodyAt);
  const announced = /^content-length: *(\d+)/im.exec(head)?.[1];
  return announced === undefined ? restBytes : Math.min(restBytes, Number(announced));
}

function chunkedLength(received: Buffer, bodyAt: number): number {
  const last = received.indexOf(`0${BLANK_LINE}`, bodyAt, 'latin1');
  return (last < 0 ? received.length : last + 1 + BLANK_LINE.length) - bodyAt;
}
