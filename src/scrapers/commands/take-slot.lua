-- Takes one of the requests that may be under way at a host, and at its registrable domain, at a time. Workers that ask for the same host
-- share its slots evenly. A slot that is not renewed runs out, with the worker that held it.
--
-- KEYS[1]  sorted set: slots of the host by when they run out, ms
-- KEYS[2]  sorted set: workers that asked for slots of the host, by when that is forgotten, ms
-- KEYS[3]  sorted set: slots of the domain by when they run out, ms
-- ARGV[1]  slot, a name of its own
-- ARGV[2]  worker
-- ARGV[3]  slots of the host that the worker holds
-- ARGV[4]  most of a host
-- ARGV[5]  most of a domain
-- ARGV[6]  how long a slot lasts, ms
-- ARGV[7]  how long a worker that asked is remembered, ms
-- returns  1 when taken, 0 when there is none

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lastsMs, rememberedMs = tonumber(ARGV[6]), tonumber(ARGV[7])
for i = 1, 3 do redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now) end
redis.call('ZADD', KEYS[2], now + rememberedMs, ARGV[2])
redis.call('PEXPIRE', KEYS[2], rememberedMs)
local most = tonumber(ARGV[4])
local share = math.ceil(most / redis.call('ZCARD', KEYS[2]))
if tonumber(ARGV[3]) >= share then return 0 end
if redis.call('ZCARD', KEYS[1]) >= most or redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[5]) then return 0 end
for _, i in ipairs({ 1, 3 }) do
  redis.call('ZADD', KEYS[i], now + lastsMs, ARGV[1])
  redis.call('PEXPIRE', KEYS[i], lastsMs)
end
return 1
