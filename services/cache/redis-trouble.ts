/** Why there is no Redis, for the log. */
export interface RedisTrouble {
  /** The code or the words of whoever said no. */
  readonly reason: string;
  /** What it means, and what to do where that is known. */
  readonly message: string;
}

const AND_SO = 'serving from memory and sources';

/** What a reason means; the first that fits. Each is put right by people alone, so each says where. */
const MEANINGS: readonly (readonly [reason: RegExp, message: string])[] = [
  [
    /WRONGPASS|NOAUTH|invalid password/,
    'Redis refuses the user or the password: check them where Redis is named',
  ],
  [/NOPERM/, 'Redis does not let its user do what is needed: grant it (docs/redis.md)'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/,
    'The certificate of Redis is not accepted: NODE_EXTRA_CA_CERTS names its authority to Node, and it has to be for the name or ' +
      'address by which Redis is asked (docs/redis.md)',
  ],
  [/No such master/, 'The sentinels know no master of that name: check the name'],
  [/cluster support disabled/, 'What is there is no Redis Cluster: name it as one server'],
];

const SENTINEL_ROUND = /^All sentinels are unreachable\b/;
const SENTINEL_SAID = / Last error: (.*)$/s;
const SENTINEL_REFUSES =
  'The sentinels refuse the user or the password: check sentinel_username and sentinel_password';

/** What to tell of an error of the client; null when it is none: that all sentinels have been asked in turn. */
export function redisTrouble(error: Error): RedisTrouble | null {
  const isRound = SENTINEL_ROUND.test(error.message);
  const said = isRound ? (SENTINEL_SAID.exec(error.message)?.[1] ?? null) : reasonOf(error);
  if (said === null) return null;
  const [, meaning] = MEANINGS.find(([reason]) => reason.test(said)) ?? [];
  const isLogin = meaning === MEANINGS[0]?.[1];
  const message = isRound && isLogin ? SENTINEL_REFUSES : (meaning ?? 'Redis does not answer');
  return { reason: said, message: `${message}; ${AND_SO}` };
}

/** Of a Cluster, what the node that was asked last has said. */
function reasonOf(error: Error): string {
  const { lastNodeError, code } = error as { lastNodeError?: unknown; code?: unknown };
  if (lastNodeError instanceof Error) return reasonOf(lastNodeError);
  return typeof code === 'string' ? code : error.message;
}
