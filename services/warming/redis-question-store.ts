import { RedisAsk } from '../cache/redis-ask.js';
import type { RedisClient } from '../cache/redis-client.js';
import type { Clock } from '../clock.js';
import { QUESTIONS_MAX_COUNT, type QuestionStore, type WeighedQuestion } from './question-store.js';

const DEADLINE_MS = 500;
const KEPT_MS = 8 * 24 * 60 * 60 * 1000;
/** In one step, so that no other command waits long for it. */
const AT_ONCE_COUNT = 200;

/**
 * ARGV: 1 how many are kept, 2 px, then question and weight in turn. Run twice it counts twice: that makes a question hotter than it
 * is, which is no harm.
 */
const ADD = `
for i = 3, #ARGV, 2 do
  local weight = tonumber(ARGV[i + 1])
  local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]))
  if known then
    -- the logarithm of a sum: the weights themselves are too large for a number
    local high = math.max(known, weight)
    weight = high + math.log(2 ^ (known - high) + 2 ^ (weight - high)) / math.log(2)
  end
  redis.call('ZADD', KEYS[1], string.format('%.17g', weight), ARGV[i])
end
local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
if excess > 0 then redis.call('ZREM', KEYS[1], unpack(redis.call('ZRANGE', KEYS[1], 0, excess - 1))) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** In a script, because its answer is flat whatever protocol the client speaks. */
const HOTTEST_FIRST = `return redis.call('ZRANGE', KEYS[1], 0, -1, 'REV', 'WITHSCORES')`;

/** Of all processes, over their restarts: one sorted set, `<prefix>{w}:observed`. Rejects while Redis does not answer. */
export class RedisQuestionStore implements QuestionStore {
  readonly #ask: RedisAsk;
  readonly #key: string;

  constructor(options: { redis: RedisClient; prefix: string; clock: Clock }) {
    this.#ask = new RedisAsk({ ...options, deadlineMs: DEADLINE_MS });
    this.#key = `${options.prefix}{w}:observed`;
  }

  async add(questions: readonly WeighedQuestion[]): Promise<void> {
    for (let at = 0; at < questions.length; at += AT_ONCE_COUNT) {
      const some = questions.slice(at, at + AT_ONCE_COUNT);
      const pairs = some.flatMap(({ spelled, weightLog2 }) => [spelled, weightLog2]);
      await this.#ask.run({
        script: ADD,
        keys: [this.#key],
        args: [QUESTIONS_MAX_COUNT, KEPT_MS, ...pairs],
      });
    }
  }

  async hottestFirst(): Promise<WeighedQuestion[]> {
    const flat = (await this.#ask.run({ script: HOTTEST_FIRST, keys: [this.#key], args: [] })) as string[];
    return flat.flatMap((spelled, at) =>
      at % 2 === 0 ? [{ spelled, weightLog2: Number(flat[at + 1]) }] : [],
    );
  }

  async forget(spelled: readonly string[]): Promise<void> {
    if (spelled.length > 0) await this.#ask.inTime((redis) => redis.zrem(this.#key, ...spelled));
  }
}
