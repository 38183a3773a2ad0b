import { CONTROL, NOW } from './control-scripts.js';

/**
 * ARGV: known root, applied position, process id. It does not begin like the others: a root that is not this server's is
 * replaced, with its members, before anybody counts them.
 */
export const CONFIRM_SCRIPT = `
local root_key, members_key = KEYS[1], KEYS[3]
-- of a member only: a confirmation that comes late does not bring back a process that has left
if redis.call('HGET', root_key, 'root') == ARGV[1] and redis.call('HEXISTS', members_key, ARGV[3]) == 1 then
  redis.call('HSET', members_key, ARGV[3], ARGV[2])
end
`;

/** ARGV: a fresh root, position, process id. Answers root, why it is new, which list of members, the others in it, those of them that confirmed. */
export const ACKNOWLEDGED_SCRIPT = `${CONTROL}${NOW}
local function parts(position)
  local ms, sequence = string.match(position, '^(%d+)-(%d+)$')
  return tonumber(ms) or 0, tonumber(sequence) or 0
end
local wanted_ms, wanted_sequence = parts(ARGV[2])
local others, confirmed = 0, 0
local members = redis.call('HGETALL', members_key)
for i = 1, #members, 2 do
  local id = members[i]
  if id ~= 'root' and id ~= ARGV[3] then
    others = others + 1
    local ms, sequence = parts(members[i + 1])
    if ms > wanted_ms or (ms == wanted_ms and sequence >= wanted_sequence) then confirmed = confirmed + 1 end
    -- one whose time was lost counts as silent from now on, or nobody would ever remove it
    redis.call('ZADD', seen_key, 'NX', string.format('%.0f', now_ms), id)
  end
end
return { root, cause, list, others, confirmed }
`;

/** ARGV: process id. */
export const LEAVE_SCRIPT = `
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
`;
