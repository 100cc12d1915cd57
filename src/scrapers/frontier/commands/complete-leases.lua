-- Ends leases and notes what came of them, all or nothing: when one of them is no longer the owner's, nothing changes.
--
-- KEYS[1]  prefix of the crawl's keys
-- ARGV[1]  JSON {owner, queue, batch ('' for none), done: [url], release: [url], throttled: [url], browser: [url],
--          retry: [{url, afterMs}], dead: [{url, reason}], learned: {host: {scripted, plain}}, counts: {name: n}}
-- ARGV[2]  JSON {ready, plain, query}: see add_links
-- ARGV[3]  JSON of links: fingerprint, counter of its shape, level, URL; again and again
-- ARGV[4]  most dead letters that are kept; those beyond are only counted
-- returns  0 when a lease was lost; 1 when accepted; 2 when accepted, but not all links found room

local result = cjson.decode(ARGV[1])
local queue = result.queue
local owners, name = prefix .. 'owners:' .. queue, prefix .. 'held:' .. queue .. ':' .. result.owner
if not redis.call('ZSCORE', owners, result.owner) then return 0 end

local ended = {}
for _, list in ipairs({ result.done, result.release, result.throttled, result.browser }) do
  for _, url in ipairs(list) do ended[#ended + 1] = url end
end
for _, list in ipairs({ result.retry, result.dead }) do
  for _, item in ipairs(list) do ended[#ended + 1] = item.url end
end
local held = {}
for i, about in pairs(read_in_parts(name, ended)) do
  -- One that is named twice is no longer held the second time.
  if not about or held[ended[i]] then return 0 end
  local level, attempts, waits = string.match(about, '^(%d+) (%d+) (%d+)$')
  held[ended[i]] = { level = level, attempts = tonumber(attempts), waits = tonumber(waits) }
end
if #ended > 0 then in_parts('HDEL', name, ended) end
if redis.call('EXISTS', name) == 0 then redis.call('ZREM', owners, result.owner) end
count('leased:' .. queue, -#ended)

for _, url in ipairs(result.release) do
  enqueue_again(queue, url, held[url].level, held[url].attempts, held[url].waits)
end
for _, url in ipairs(result.throttled) do
  enqueue_again(queue, url, held[url].level, held[url].attempts, held[url].waits + 1)
end
for _, url in ipairs(result.browser) do
  local at = held[url]
  enqueue('browser', host_of(url), at.level, at.level .. ' ' .. at.attempts .. ' ' .. at.waits .. ' ' .. url)
end
for _, item in ipairs(result.retry) do
  local at = held[item.url]
  local entry = at.level .. ' ' .. (at.attempts + 1) .. ' ' .. at.waits .. ' ' .. item.url
  redis.call('ZADD', prefix .. 'delayed:' .. queue, now + item.afterMs, entry)
end

local kept = redis.call('ZCARD', prefix .. 'dead')
for _, item in ipairs(result.dead) do
  count('failed:' .. item.reason, 1)
  if kept < tonumber(ARGV[4]) then
    local at = held[item.url]
    kept = kept + 1
    redis.call('ZADD', prefix .. 'dead', redis.call('HINCRBY', prefix .. 'counts', 'order', 1), item.url)
    local letter = at.level .. ' ' .. at.attempts .. ' ' .. string.format('%.0f', now) .. ' ' .. item.reason
    redis.call('HSET', prefix .. 'letters', item.url, letter)
  end
end

for host, pages in pairs(result.learned) do
  local route = route_of(host)
  route.changed = route.run > 0 or pages.scripted > 0
  route.run = pages.plain > 0 and 0 or route.run + pages.scripted
end
local _, over = add_links(cjson.decode(ARGV[3]), cjson.decode(ARGV[2]))
write_routes()

if result.batch ~= '' then
  local order = redis.call('HINCRBY', prefix .. 'counts', 'order', 1)
  redis.call('ZADD', prefix .. 'batches', 'NX', order, result.batch)
end
for counter, by in pairs(result.counts) do count(counter, by) end
write_changes()
return over > 0 and 2 or 1
