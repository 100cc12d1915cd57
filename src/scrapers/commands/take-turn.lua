-- Takes the next free turn at a host: turns lie a delay apart, whoever of a miner's workers takes them, and none before the host may
-- be asked again. Without a delay nothing is written.
--
-- KEYS[1]  hash: turn, delay, until, strikes (see host-state.ts)
-- ARGV[1]  delay between turns, microseconds
-- ARGV[2]  a turn that lies farther ahead, microseconds, is not taken
-- returns  microseconds until the turn, and how often in a row the host asked to wait

-- What is known of a host is kept so long beyond its last turn.
local KEPT_MS = 600000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local delay = tonumber(ARGV[1])
local state = redis.call('HMGET', KEYS[1], 'turn', 'until', 'strikes')
local turn = math.max(now, tonumber(state[2] or 0))
if delay > 0 then
  turn = math.max(turn, tonumber(state[1] or 0))
  if turn - now <= tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[1], 'turn', string.format('%.0f', turn + delay), 'delay', ARGV[1])
    local expiryMs = math.ceil((turn + delay - now) / 1000) + KEPT_MS
    if redis.call('PTTL', KEYS[1]) < expiryMs then redis.call('PEXPIRE', KEYS[1], expiryMs) end
  end
end
return { turn - now, tonumber(state[3] or 0) }
