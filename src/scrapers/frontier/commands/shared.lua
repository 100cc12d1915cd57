-- What the scripts of a frontier have in common; it stands before each of them.
--
-- KEYS[1] is the prefix of the crawl's keys; every name made from it has its hash tag and so its slot:
--   seen:<n>                        sets of fingerprints, small enough that Redis keeps them as sorted arrays of integers
--   seen:size                       hash: keys, buckets
--   shapes:<n>                      hashes: counter -> URLs of the shapes that share it
--   queue:<queue>:<level>:<host>    list of ready URLs, each as "level attempts waits url"
--   levels:<queue>:<host>           sorted set: levels of a host that hold URLs
--   hosts:<queue>                   sorted set: hosts that hold ready URLs, by when they may next be leased from, ms
--   delayed:<queue>                 sorted set: "level attempts waits url" by when it is due, ms
--   owners:<queue>                  sorted set: owners by when their leases run out, ms
--   held:<queue>:<owner>            hash: leased URL -> "level attempts waits"
--   scripted                        hash: host -> "pages in a row that needed a browser, URLs queued since"
--   dead, letters                   sorted set of given-up URLs by order; hash: URL -> "level attempts ms reason"
--   batches                         sorted set: digests of batches that wait to be sealed, by order
--   counts                          hash: counters
--
-- A level is priority * 1000 + depth, the least first; -1 is what was leased before.

local prefix = KEYS[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- Lua passes at most 8,000 values at once.
local MOST_VALUES = 4000
local FRONT = -1

local changes = {}
local function count(name, by) changes[name] = (changes[name] or 0) + by end

local function host_of(url) return string.match(url, '^%w+://([^/?#]*)') or '' end

-- Calls a command with a list of values, in as many parts as it needs.
local function in_parts(command, name, values)
  for i = 1, #values, MOST_VALUES do
    redis.call(command, name, unpack(values, i, math.min(i + MOST_VALUES - 1, #values)))
  end
end

local function read_in_parts(name, fields)
  local found = {}
  for i = 1, #fields, MOST_VALUES do
    local part = redis.call('HMGET', name, unpack(fields, i, math.min(i + MOST_VALUES - 1, #fields)))
    for j = 1, #part do found[i + j - 1] = part[j] end
  end
  return found
end

local arriving = { http = {}, browser = {} }

-- Has a URL stand in a queue once `write_changes` is called.
local function enqueue(queue, host, at, entry)
  local levels = arriving[queue][host]
  if not levels then
    levels = {}
    arriving[queue][host] = levels
  end
  local entries = levels[at]
  if not entries then
    entries = {}
    levels[at] = entries
  end
  entries[#entries + 1] = entry
end

local function enqueue_again(queue, url, level, attempts, waits)
  enqueue(queue, host_of(url), FRONT, level .. ' ' .. attempts .. ' ' .. waits .. ' ' .. url)
end

local function write_queues()
  for queue, hosts in pairs(arriving) do
    for host, levels in pairs(hosts) do
      for level, entries in pairs(levels) do
        in_parts('RPUSH', prefix .. 'queue:' .. queue .. ':' .. level .. ':' .. host, entries)
        redis.call('ZADD', prefix .. 'levels:' .. queue .. ':' .. host, level, level)
        count('ready:' .. queue, #entries)
      end
      redis.call('ZADD', prefix .. 'hosts:' .. queue, 'NX', now, host)
    end
    arriving[queue] = {}
  end
end

local function write_changes()
  write_queues()
  for name, by in pairs(changes) do
    if by ~= 0 then redis.call('HINCRBY', prefix .. 'counts', name, by) end
  end
  changes = {}
end

-- Fingerprints lie in sets of few enough integers that Redis keeps them as sorted arrays. Sets are split one by one as fingerprints
-- come in (linear hashing, Litwin 1980), so that none outgrows that (`set-max-intset-entries`, 512): a set that is next to be split
-- holds twice the mean.
local MEAN_IN_BUCKET = 220
local seen, buckets, span

local function bucket_of(fingerprint)
  -- The high bits: Lua's numbers keep 53.
  local index = math.floor((tonumber(fingerprint) + 9223372036854775808) / 1099511627776) % span
  if index >= buckets then index = index - span / 2 end
  return index
end

local function split()
  local to = buckets
  buckets = buckets + 1
  if buckets > span then span = span * 2 end
  local from = prefix .. 'seen:' .. (to - span / 2)
  local moved = {}
  for _, fingerprint in ipairs(redis.call('SMEMBERS', from)) do
    if bucket_of(fingerprint) == to then moved[#moved + 1] = fingerprint end
  end
  if #moved > 0 then
    in_parts('SADD', prefix .. 'seen:' .. to, moved)
    in_parts('SREM', from, moved)
  end
end

-- Pages by HTTP in a row that needed a browser, after which a host's URLs go to a browser at once; every so many-th still goes by
-- HTTP, to learn when that changes.
local SURE, STILL_TRIED = 3, 20
local routes = {}

local function route_of(host)
  local route = routes[host]
  if not route then
    local run, queued = string.match(redis.call('HGET', prefix .. 'scripted', host) or '', '^(%d+) (%d+)$')
    route = { run = tonumber(run or 0), queued = tonumber(queued or 0) }
    routes[host] = route
  end
  return route
end

local function queue_for(host)
  local route = route_of(host)
  if route.run < SURE then return 'http' end
  route.queued = route.queued + 1
  route.changed = true
  return route.queued % STILL_TRIED == 0 and 'http' or 'browser'
end

local function write_routes()
  for host, route in pairs(routes) do
    if route.changed and route.run == 0 then
      redis.call('HDEL', prefix .. 'scripted', host)
    elseif route.changed then
      redis.call('HSET', prefix .. 'scripted', host, route.run .. ' ' .. route.queued)
    end
  end
end

-- Counters of shapes that lie in one hash, few enough that Redis keeps it as a list without pointers.
local SHAPES_IN_HASH = 128

-- Adds what was never seen of `links`: fingerprint, counter of its shape, level, URL; again and again.
-- `most.ready`: URLs that may be ready at once; what is over stays unseen. `most.plain` and `most.query`: URLs of one shape without and
-- with a query; what is over is never fetched.
-- Returns how many were new, and how many found no room.
local function add_links(links, most)
  if #links == 0 then return 0, 0 end
  local size = redis.call('HMGET', prefix .. 'seen:size', 'keys', 'buckets')
  seen, buckets, span = tonumber(size[1] or 0), tonumber(size[2] or 1), 1
  while span < buckets do span = span * 2 end
  local ready = redis.call('HMGET', prefix .. 'counts', 'ready:http', 'ready:browser')
  local room = most.ready - tonumber(ready[1] or 0) - tonumber(ready[2] or 0)
  local before, over, trapped, added = seen, 0, 0, 0
  for i = 1, #links, 4 do
    local fingerprint, url = links[i], links[i + 3]
    local name = prefix .. 'seen:' .. bucket_of(fingerprint)
    if added >= room then
      over = over + 1 - redis.call('SISMEMBER', name, fingerprint)
    elseif redis.call('SADD', name, fingerprint) == 1 then
      seen = seen + 1
      if seen > buckets * MEAN_IN_BUCKET then split() end
      local shape = links[i + 1]
      local place = shape % SHAPES_IN_HASH
      local alike = redis.call('HINCRBY', prefix .. 'shapes:' .. (shape - place) / SHAPES_IN_HASH, place, 1)
      if alike > (string.find(url, '?', 1, true) and most.query or most.plain) then
        trapped = trapped + 1
      else
        local host, level = host_of(url), links[i + 2]
        enqueue(queue_for(host), host, level, level .. ' 0 0 ' .. url)
        added = added + 1
      end
    end
  end
  if seen > before then redis.call('HSET', prefix .. 'seen:size', 'keys', seen, 'buckets', buckets) end
  write_routes()
  count('passed:no_room', over)
  count('passed:shape_limit', trapped)
  return added, over
end
