-- Notes that a host answers again, unless it asked to wait in the meantime.
--
-- KEYS[1]  hash: turn, delay, until, strikes (see host-state.ts)
-- returns  how often in a row it asked to wait, as far as is known now

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local state = redis.call('HMGET', KEYS[1], 'until', 'strikes')
if tonumber(state[1] or 0) > now then return tonumber(state[2] or 0) end
redis.call('HDEL', KEYS[1], 'until', 'strikes')
return 0
