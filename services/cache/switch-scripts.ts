import { CONTROL, ENTRY_HEAD } from './control-scripts.js';

/**
 * KEYS: those of every script, then the tag's generation. ARGV: a fresh root, on or off, number, id of the change, px of
 * generations, log length, the tag, two fresh halves. Both answer as an invalidation does.
 */
const KNOWN = `${CONTROL}
local state, number, id, px, length, tag = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local known = redis.call('HGET', switch_key, tag) or ''
local known_state, known_number, known_id = string.match(known, '^(%a+):(%d+):(.*)$')
known_number = tonumber(known_number) or 0
local wins
`;

const MOVE = `
local position = last[1]
if wins then
  redis.call('HSET', switch_key, tag, string.format('%s:%.0f:%s', state, number, id))
  if state == 'on' then
    -- in the same step: nobody sees the cache on with what was stored before it was off
    local generation = ARGV[8] .. ':' .. ARGV[9]
    redis.call('SET', KEYS[6], generation, 'PX', px)
    position = redis.call('XADD', log_key, 'MAXLEN', '~', length, '*', '${ENTRY_HEAD}', 'purge:switch', tag, generation)
  else
    -- changes no generation, but has a position that members can confirm
    position = redis.call('XADD', log_key, 'MAXLEN', '~', length, '*', '${ENTRY_HEAD}', 'none:switch')
  end
  tell()
end
return { root, position, cause, replicas }
`;

/** `number` is the one that the process knows: the change gets a higher one than anybody's. */
export const SWITCH_SCRIPT = `${KNOWN}
-- sent again because its answer was lost: it is made already
wins = known_id ~= id
number = math.max(known_number, number) + 1
${MOVE}`;

/** `number` is that of the state which is written back: it only ever rises, and of two equal ones off wins. */
export const RESTORE_SCRIPT = `${KNOWN}
wins = number > known_number or (number == known_number and state == 'off' and known_state == 'on')
${MOVE}`;
