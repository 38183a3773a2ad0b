import { SeededRandom } from '../helpers/seeded-random.js';
import { type DescribedApi, DescribedRequests } from './described-requests.js';
import { type ExchangeOptions, exchange } from './exchange.js';
import { type FoundFault, judge } from './judge.js';
import { asBytes, mutated } from './raw-mutations.js';
import { readAnswers } from './read-answers.js';

export interface FuzzOptions {
  readonly url: string;
  readonly seed: number;
  readonly requestsCount: number;
  readonly adminToken: string;
  /** Texts that may not come back. */
  readonly canaries: readonly string[];
  readonly boundMs?: number;
  /** How many connections are left open by our side, one each time as many requests were sent. */
  readonly silentEvery?: number;
}

export interface FuzzFault extends FoundFault {
  /** Which request it was, from 0: the same seed sends the same again. */
  readonly index: number;
  readonly sent: string;
}

export interface FuzzFigures {
  readonly requestsCount: number;
  readonly operationsCount: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Problems by code. */
  readonly codes: Readonly<Record<string, number>>;
  /** The first hundred. */
  readonly faults: readonly FuzzFault[];
  readonly faultsCount: number;
}

const AT_ONCE_COUNT = 48;
const FAULTS_KEPT_COUNT = 100;
/** A share of what is sent is no request that a client library could send. */
const RAW_SHARE = 0.35;

/** Sends requests of every kind, judges every answer, and gives what came. The same seed gives the same requests in the same order. */
export async function fuzz(options: FuzzOptions): Promise<FuzzFigures> {
  const { url, seed, requestsCount, canaries, boundMs = 20_000, silentEvery = 500 } = options;
  const api = (await (await fetch(`${url}/openapi.json`)).json()) as DescribedApi;
  const described = new DescribedRequests(api, options.adminToken);
  const random = new SeededRandom(seed);
  const port = Number(new URL(url).port);
  const statuses: Record<string, number> = {};
  const codes: Record<string, number> = {};
  const faults: FuzzFault[] = [];
  let faultsCount = 0;

  const sendOne = async (index: number, sent: ExchangeOptions) => {
    const exchanged = await exchange(sent);
    for (const fault of judge(exchanged, canaries, sent.bytes.toString('latin1'))) {
      if (faultsCount++ < FAULTS_KEPT_COUNT)
        faults.push({ ...fault, index, sent: sent.bytes.toString('latin1', 0, 300) });
    }
    for (const { status, body } of readAnswers(exchanged.received) ?? []) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      const code = status >= 400 ? /"code":"(\w+)"/.exec(body)?.[1] : undefined;
      if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1;
    }
  };

  const silent: Promise<void>[] = [];
  let nextIndex = 0;
  const worker = async () => {
    while (nextIndex < requestsCount) {
      const index = nextIndex++;
      const request = described.next(random);
      const raw = random.chance(RAW_SHARE) ? mutated(request, random) : null;
      const bytes = raw?.bytes ?? asBytes(request);
      const sent = { port, bytes, boundMs, waitsForAnswer: raw === null };
      // Only as many as wait side by side, and none begins late: each takes as long as the server has patience.
      const mayBeSilent = index % silentEvery < silentEvery / 50 && silent.length < 100;
      if (raw?.isCut && mayBeSilent && index < requestsCount / 2)
        silent.push(sendOne(index, { ...sent, endsAtOnce: false, neverEnds: true }));
      else await sendOne(index, { ...sent, endsAtOnce: raw?.isCut ?? false });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE_COUNT }, worker));
  await Promise.all(silent);
  return { requestsCount, operationsCount: described.operationsCount, statuses, codes, faults, faultsCount };
}
