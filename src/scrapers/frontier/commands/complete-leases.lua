-- Ends leases and notes what came of them, all or nothing: when one of them is no longer the owner's, nothing changes.
--
-- KEYS[1]  set: fingerprints of all URLs ever added
-- KEYS[2]  sorted set: ready URLs by order, of the queue that new links go to
-- KEYS[3]  sorted set: ready URLs by order, of the queue of the leases
-- KEYS[4]  sorted set: URLs to be tried again, by the time they are due, ms, of that queue
-- KEYS[5]  sorted set: leased URLs, of that queue
-- KEYS[6]  sorted set: ready URLs by order, of the browser queue
-- KEYS[7]  hash: URL -> "depth attempts owner"
-- KEYS[8]  sorted set: digests of batches that wait to be sealed, by order
-- KEYS[9]  hash: counters
-- ARGV[1]  JSON {owner, batch ('' for none), done: [url], retry: [{url, afterMs}], release: [url], browser: [url],
--          counts: {name: n}}
-- ARGV[2]  most URLs that may be ready at once; what is over stays unseen
-- ARGV[3…] links: fingerprint (8 bytes), URL, depth; again and again
-- returns  1 when accepted, 0 when a lease was lost

local result = cjson.decode(ARGV[1])

local function owns(url)
  local entry = redis.call('HGET', KEYS[7], url)
  return entry and string.match(entry, '^%d+ %d+ (.*)$') == result.owner and redis.call('ZSCORE', KEYS[5], url)
end
for _, list in ipairs({ result.done, result.release, result.browser }) do
  for _, url in ipairs(list) do
    if not owns(url) then return 0 end
  end
end
for _, item in ipairs(result.retry) do
  if not owns(item.url) then return 0 end
end

-- A URL that is to be fetched again: nobody's, with so many attempts more.
local function giveUp(url, attemptsMore)
  local depth, attempts = string.match(redis.call('HGET', KEYS[7], url), '^(%d+) (%d+) ')
  redis.call('ZREM', KEYS[5], url)
  redis.call('HSET', KEYS[7], url, depth .. ' ' .. (attempts + attemptsMore) .. ' ')
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for _, url in ipairs(result.done) do
  redis.call('ZREM', KEYS[5], url)
  redis.call('HDEL', KEYS[7], url)
end
for _, url in ipairs(result.release) do
  giveUp(url, 0)
  redis.call('ZADD', KEYS[3], 0, url)
end
for _, item in ipairs(result.retry) do
  giveUp(item.url, 1)
  redis.call('ZADD', KEYS[4], now + item.afterMs, item.url)
end
for _, url in ipairs(result.browser) do
  giveUp(url, 0)
  redis.call('ZADD', KEYS[6], redis.call('HINCRBY', KEYS[9], 'order', 1), url)
end

local room = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[2])
for i = 3, #ARGV, 3 do
  if room <= 0 then break end
  if redis.call('SADD', KEYS[1], ARGV[i]) == 1 then
    local url, depth = ARGV[i + 1], ARGV[i + 2]
    local order = tonumber(depth) * 4294967296 + redis.call('HINCRBY', KEYS[9], 'order', 1)
    redis.call('ZADD', KEYS[2], order, url)
    redis.call('HSET', KEYS[7], url, depth .. ' 0 ')
    room = room - 1
  end
end

if result.batch ~= '' then
  redis.call('ZADD', KEYS[8], 'NX', redis.call('HINCRBY', KEYS[9], 'order', 1), result.batch)
end
for name, count in pairs(result.counts) do
  redis.call('HINCRBY', KEYS[9], name, count)
end
return 1
