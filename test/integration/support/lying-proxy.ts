import { createServer, type ServerResponse } from 'node:http';
import type { Test } from 'tap';
import { type Answer, ask } from './ask.js';

/** What is made of a request for data: the address that is really asked, and what is made of its answer. */
export interface Lie {
  readonly ask?: (path: string) => string;
  readonly answer?: (answer: Answer, path: string) => Answer;
}

/** Something between a service and its readers that tells the truth about everything but data; closed with the test. */
export async function lyingProxy(t: Test, service: { url: string }, lie: Lie): Promise<{ url: string }> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    const isData = path.startsWith('/dashboards/');
    const answer = await ask(service.url + (isData ? (lie.ask?.(path) ?? path) : path));
    send(isData ? (lie.answer?.(answer, path) ?? answer) : answer, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  return { url: `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}` };
}

function send({ status, headers, bytes }: Answer, response: ServerResponse): void {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...kept } = headers;
  response.writeHead(status, kept).end(bytes);
}
