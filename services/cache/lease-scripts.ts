import { FRAME } from './codec.js';
import { DIGEST_LENGTH, GENERATION_HALF_BYTES, ROOT_BYTES } from './stamp.js';

/**
 * The Lua of one key (PROTOCOL.md, "Scripts" 3). KEYS, all in the key's own slot: 1 entry, 2 lease, 3 shared error. Every script may
 * run twice or late: each asks first whether the lease is still the one it was sent for.
 */
export const LEASE_KEYS_COUNT = 3;

/** Bytes from..to of a frame, counted from 0 and without the last, as Lua counts. */
const bytes = (from: number, toExclusive: number): string => `string.sub(head, ${from + 1}, ${toExclusive})`;

/**
 * ARGV: 1 form of frames, 2 root, 3 generations, 4 now in ms, 5 grace in ms ('' if nothing stale will do), 6 mark of a frame that the
 * asker knows already ('' none: he asks for the frame beside this), 7 digest of root and generations, 8 lease to take ('' none), 9 its
 * px, 10 a lease that may be taken over. Answers what it is, to who knows a frame another one if there is one, and what else belongs to it.
 */
export const ASK_SCRIPT = `
-- the head alone: a body may be large, and mostly nobody wants it
local head = redis.call('GETRANGE', KEYS[1], 0, ${FRAME.headBytes} + #ARGV[3] - 1)
local mark = #head < ${FRAME.headBytes} and '${FRAME.noMark}' or ${bytes(FRAME.checksum, FRAME.headBytes)}
local is_known = mark == ARGV[6]
local function is_usable()
  if is_known or #head < ${FRAME.headBytes} + #ARGV[3] then return false end
  if ${bytes(FRAME.form, FRAME.coding)} ~= ARGV[1] then return false end
  if ${bytes(FRAME.root, FRAME.root + ROOT_BYTES)} ~= ARGV[2] then return false end
  local count = struct.unpack('>H', ${bytes(FRAME.generationsCount, FRAME.keyHash)})
  if count * ${2 * GENERATION_HALF_BYTES} ~= #ARGV[3] then return false end
  local now_ms, stale_at_ms = tonumber(ARGV[4]), struct.unpack('>d', ${bytes(FRAME.staleAtMs, FRAME.staleAtMs + 8)})
  local generations = string.sub(head, ${FRAME.headBytes} + 1)
  if generations == ARGV[3] and now_ms < stale_at_ms then return true end
  if ARGV[5] == '' or now_ms >= stale_at_ms + tonumber(ARGV[5]) then return false end
  -- stale: every purge half must be the current one, the expire halves need not
  for at = 1, #generations, ${2 * GENERATION_HALF_BYTES} do
    local half_end = at + ${GENERATION_HALF_BYTES - 1}
    if string.sub(generations, at, half_end) ~= string.sub(ARGV[3], at, half_end) then return false end
  end
  return true
end
-- through Lua a frame of 20 KiB costs 20 times what it costs beside it
local function frame_for_asker() return ARGV[6] ~= '' and not is_known and redis.call('GET', KEYS[1]) end
if is_usable() then return { 'entry', frame_for_asker() } end
-- what cannot be used is still worth sending once: its bytes may be renewed, or served while the source fails
local frame = frame_for_asker()
-- an error is shared only with those who would have loaded under the same generations
local failed = redis.call('GET', KEYS[3])
if failed and string.sub(failed, 1, ${DIGEST_LENGTH}) == ARGV[7] then
  return { 'failed', frame, string.sub(failed, ${DIGEST_LENGTH + 1}), redis.call('PTTL', KEYS[3]) }
end
if ARGV[8] == '' then return { 'none', frame } end
local lease = redis.call('GET', KEYS[2])
-- the asker's own: this script runs for the second time
if lease and lease ~= ARGV[8] and lease ~= ARGV[10] then return { 'held', frame, lease, redis.call('PTTL', KEYS[2]) } end
-- a full Redis takes no lease; that must not cost the frame
local taken = redis.pcall('SET', KEYS[2], ARGV[8], 'PX', ARGV[9])
if taken.err then return { 'none', frame } end
return { 'leased', frame, lease == ARGV[10] and 1 or 0 }
`;

/** ARGV: lease, frame, px of the frame, channel, message. Answers 1 if the frame was stored, 0 if the lease is another's by now. */
export const FILL_SCRIPT = `
-- compare, then write, in one step: a holder that slept past its lease cannot overwrite newer data
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2], KEYS[3])
-- only a hint, so a user without the channel still fills
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return 1
`;

/** ARGV: lease, error to share ('' none), its px, channel, message. The entry stays as it is. Answers whether the lease was held. */
export const END_SCRIPT = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.pcall('SET', KEYS[3], ARGV[2], 'PX', ARGV[3]) end
redis.call('DEL', KEYS[2])
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return 1
`;

/** ARGV: lease, px. Answers whether the lease was still held, and is now for so long. */
export const BEAT_SCRIPT = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
`;
