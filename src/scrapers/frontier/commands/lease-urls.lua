-- Leases ready URLs to an owner. Leases that ran out and retries that are due come back to the queues first.
--
-- Hosts take turns, whichever was leased from longest ago first, and share what is asked for. A host whose next turn is not soon
-- (Crawl-delay, Retry-After, back-off) is passed over until it is.
--
-- KEYS[1]  prefix of the crawl's keys
-- KEYS[2]  prefix of what all crawls know of a host: hash {turn, until, delay}, all in microseconds (see take-turn.lua)
-- ARGV[1]  queue
-- ARGV[2]  how many at most
-- ARGV[3]  owner
-- ARGV[4]  duration of the lease, ms
-- returns  "level attempts waits url" of each

local queue, owner, leaseMs = ARGV[1], ARGV[3], tonumber(ARGV[4])
local left = tonumber(ARGV[2])
local hosts = prefix .. 'hosts:' .. queue

-- A turn that lies no farther ahead is worth holding a lease for.
local SOON_MS = 5000
-- A host that waits is looked at again after so long at the latest: what it waits for may have been lifted.
local LOOK_AGAIN_MS = 30000
-- Of a host with a delay, no more than can be fetched in this time.
local WINDOW_MS = 30000
local MOST_LOST, MOST_DUE, MOST_ROUNDS = 20, 1000, 10

for _, lost in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'owners:' .. queue, '-inf', now, 'LIMIT', 0, MOST_LOST)) do
  local name = prefix .. 'held:' .. queue .. ':' .. lost
  local held = redis.call('HGETALL', name)
  for i = 1, #held, 2 do
    local level, attempts, waits = string.match(held[i + 1], '^(%d+) (%d+) (%d+)$')
    -- It may be what brought its worker down, so a lost lease counts as an attempt.
    enqueue_again(queue, held[i], level, attempts + 1, waits)
  end
  count('leased:' .. queue, -#held / 2)
  redis.call('DEL', name)
  redis.call('ZREM', prefix .. 'owners:' .. queue, lost)
end

local delayed = prefix .. 'delayed:' .. queue
local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, MOST_DUE)
for _, entry in ipairs(due) do
  enqueue(queue, host_of(string.match(entry, '^%d+ %d+ %d+ (.*)$')), FRONT, entry)
end
if #due > 0 then in_parts('ZREM', delayed, due) end
write_queues()

local leased, held = {}, {}

-- Takes up to `most` URLs of a host; returns how many, and whether the host has more.
local function take(host, most)
  local levels = prefix .. 'levels:' .. queue .. ':' .. host
  local taken = 0
  while taken < most do
    local level = redis.call('ZRANGE', levels, 0, 0)[1]
    if not level then return taken, false end
    local name = prefix .. 'queue:' .. queue .. ':' .. level .. ':' .. host
    for _, entry in ipairs(redis.call('LPOP', name, most - taken) or {}) do
      local about, url = string.match(entry, '^(%d+ %d+ %d+) (.*)$')
      leased[#leased + 1] = entry
      held[#held + 1] = url
      held[#held + 1] = about
      taken = taken + 1
    end
    if redis.call('EXISTS', name) == 0 then redis.call('ZREM', levels, level) end
  end
  return taken, redis.call('EXISTS', levels) == 1
end

for _ = 1, MOST_ROUNDS do
  if left <= 0 then break end
  local ready = {}
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', hosts, '-inf', now, 'LIMIT', 0, left)) do
    local state = redis.call('HMGET', KEYS[2] .. host, 'turn', 'until', 'delay')
    local turnMs = math.max(tonumber(state[1] or 0), tonumber(state[2] or 0)) / 1000
    if turnMs > now + SOON_MS then
      redis.call('ZADD', hosts, math.min(turnMs, now + LOOK_AGAIN_MS), host)
    else
      local delayMs = tonumber(state[3] or 0) / 1000
      ready[#ready + 1] = { host = host, most = delayMs > 0 and math.max(1, math.floor(WINDOW_MS / delayMs)) or left }
    end
  end
  local found = #ready
  while left > 0 and #ready > 0 do
    local share, more = math.max(1, math.floor(left / #ready)), {}
    for _, item in ipairs(ready) do
      if left <= 0 then break end
      local taken, hasMore = take(item.host, math.min(share, item.most, left))
      left, item.most = left - taken, item.most - taken
      if hasMore then
        -- Behind all others, and not again in this call.
        redis.call('ZADD', hosts, now + 1, item.host)
        if item.most > 0 then more[#more + 1] = item end
      else
        redis.call('ZREM', hosts, item.host)
      end
    end
    ready = more
  end
  if found == 0 and redis.call('ZCOUNT', hosts, '-inf', now) == 0 then break end
end

if #leased > 0 then
  in_parts('HSET', prefix .. 'held:' .. queue .. ':' .. owner, held)
  redis.call('ZADD', prefix .. 'owners:' .. queue, 'GT', now + leaseMs, owner)
  count('ready:' .. queue, -#leased)
  count('leased:' .. queue, #leased)
end
write_changes()
return leased
