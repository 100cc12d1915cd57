-- What a frontier holds, at one moment.
--
-- KEYS[1]  prefix of the crawl's keys
-- returns  JSON {counts: {name: n}, seen, dead, http, browser: {delayed, hosts, waiting, waitMs}}; waitMs is -1 where nothing waits

local counts = {}
local flat = redis.call('HGETALL', prefix .. 'counts')
for i = 1, #flat, 2 do counts[flat[i]] = flat[i + 1] end
if #flat == 0 then counts.pages = '0' end

local function queue_of(queue)
  local hosts, delayed = prefix .. 'hosts:' .. queue, prefix .. 'delayed:' .. queue
  local next_at
  for _, name in ipairs({ hosts, delayed }) do
    local at = tonumber(redis.call('ZRANGE', name, 0, 0, 'WITHSCORES')[2])
    if at and (not next_at or at < next_at) then next_at = at end
  end
  local ready = redis.call('ZCOUNT', hosts, '-inf', now)
  return {
    delayed = redis.call('ZCARD', delayed),
    hosts = ready,
    waiting = redis.call('ZCARD', hosts) - ready,
    waitMs = next_at and math.max(0, math.ceil(next_at - now)) or -1,
  }
end

return cjson.encode({
  counts = counts,
  seen = tonumber(redis.call('HGET', prefix .. 'seen:size', 'keys') or 0),
  dead = redis.call('ZCARD', prefix .. 'dead'),
  http = queue_of('http'),
  browser = queue_of('browser'),
})
