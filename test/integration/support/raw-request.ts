import { exchange } from '../../fuzz/exchange.js';
import { type ReadAnswer, readAnswers } from '../../fuzz/read-answers.js';

const WITHIN_MS = 10_000;

/** One request byte for byte: its line, its fields and its body. Gives the first answer; rejects when there is none. */
export async function rawRequest(
  url: string,
  lines: readonly string[],
  body: Buffer | string = '',
): Promise<ReadAnswer> {
  const [answer] = await rawAnswers(url, lines, body);
  if (!answer) throw new Error(`no answer to ${lines.join(' | ').slice(0, 200)}`);
  return answer;
}

/** The same of several requests that are sent at once; rejects when there is no answer at all. */
export async function rawAnswers(
  url: string,
  lines: readonly string[],
  body: Buffer | string = '',
): Promise<readonly ReadAnswer[]> {
  const head = Buffer.from(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`, 'latin1');
  const { received } = await exchange({
    port: Number(new URL(url).port),
    bytes: Buffer.concat([head, Buffer.from(body)]),
    endsAtOnce: false,
    waitsForAnswer: true,
    boundMs: WITHIN_MS,
  });
  const answers = readAnswers(received) ?? [];
  if (answers.length === 0)
    throw new Error(
      `no answer to ${lines.join(' | ').slice(0, 200)}: ${received.toString('latin1', 0, 200)}`,
    );
  return answers;
}
