import { Generations } from '../../services/cache/generations.js';
import { RedisStore } from '../../services/cache/redis-store.js';

/**
 * In this process entries are used whatever their generations are, in memory and in Redis: a test of what the comparison prevents
 * must fail here. No setting leads to it: it is in no program but those of tests.
 */
export function turnComparisonOff(): void {
  Generations.prototype.compare = () => ({ is: 'current' });
  const { ask } = RedisStore.prototype;
  RedisStore.prototype.ask = async function askUncompared(question) {
    const entry = await this.peek(question.key);
    return entry ? { is: 'entry', entry, mark: null } : ask.call(this, question);
  };
}
