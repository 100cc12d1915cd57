-- Leases ready URLs to an owner. Leases that ran out and retries that are due come back to the queue first.
--
-- KEYS[1]  sorted set: ready URLs by order
-- KEYS[2]  sorted set: URLs to be tried again, by the time they are due, ms
-- KEYS[3]  sorted set: leased URLs by the time their lease runs out, ms
-- KEYS[4]  hash: URL -> "depth attempts owner"
-- ARGV[1]  how many at most
-- ARGV[2]  owner
-- ARGV[3]  duration of the lease, ms
-- returns  URL, depth, attempts before this one; again and again

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

for _, url in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 1000)) do
  local depth, attempts = string.match(redis.call('HGET', KEYS[4], url), '^(%d+) (%d+) ')
  -- It may be what brought its worker down, so a lost lease counts as an attempt.
  redis.call('HSET', KEYS[4], url, depth .. ' ' .. (attempts + 1) .. ' ')
  redis.call('ZREM', KEYS[3], url)
  redis.call('ZADD', KEYS[1], 0, url)
end
for _, url in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', KEYS[2], url)
  redis.call('ZADD', KEYS[1], 0, url)
end

local leased = {}
local popped = redis.call('ZPOPMIN', KEYS[1], ARGV[1])
for i = 1, #popped, 2 do
  local url = popped[i]
  local depth, attempts = string.match(redis.call('HGET', KEYS[4], url), '^(%d+) (%d+) ')
  redis.call('HSET', KEYS[4], url, depth .. ' ' .. attempts .. ' ' .. ARGV[2])
  redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), url)
  table.insert(leased, url)
  table.insert(leased, depth)
  table.insert(leased, attempts)
end
return leased
