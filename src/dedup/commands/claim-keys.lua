-- Notes a claim to keys of one partition: the smallest claim of a key lies with the key, the others beside it. The outcome is the same
-- in whatever order claims come, and running it again changes nothing.
--
-- Keys lie in small hashes that Redis keeps as lists without pointers. They are split one by one as keys come in (linear hashing,
-- Litwin 1980), so that none grows long, however many keys there are.
--
-- KEYS[1]  prefix of the partition; every name made from it has its hash tag and so its slot
-- ARGV[1]  the claim's place, 6 bytes that sort as claims do
-- ARGV[2]  keys, 15 bytes each: what follows the byte that names the partition
-- ARGV[3]  empty, or for each key 4 bytes that tell versions of a page apart; zeros where there are none
-- returns  for how many of the keys the claim is the smallest

local FIELD, PLACE, VERSION = 15, 6, 4
local MOST_IN_BUCKET = 64
local NO_VERSION = '\0\0\0\0'

local prefix, place, fields, versions = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local size = redis.call('HMGET', prefix .. 'size', 'keys', 'buckets')
local keys, buckets = tonumber(size[1] or 0), tonumber(size[2] or 1)
local old_keys, old_buckets = keys, buckets
local span = 1
while span < buckets do span = span * 2 end

local function bucket_of(field)
  local a, b, c = string.byte(field, 1, 3)
  local index = (a * 65536 + b * 256 + c) % span
  if index >= buckets then index = index - span / 2 end
  return index
end

local function move(kind, from, to)
  local all = redis.call('HGETALL', prefix .. kind .. from)
  local moved, gone = {}, {}
  for i = 1, #all, 2 do
    if bucket_of(all[i]) == to then
      moved[#moved + 1], moved[#moved + 2] = all[i], all[i + 1]
      gone[#gone + 1] = all[i]
    end
    -- In parts: whoever makes up ids can have many keys begin alike, and Lua passes at most 8,000 values.
    if #gone > 0 and (#gone == 1000 or i + 1 == #all) then
      redis.call('HSET', prefix .. kind .. to, unpack(moved))
      redis.call('HDEL', prefix .. kind .. from, unpack(gone))
      moved, gone = {}, {}
    end
  end
end

local function split()
  local to = buckets
  buckets = buckets + 1
  if buckets > span then span = span * 2 end
  local from = to - span / 2
  move('own:', from, to)
  move('also:', from, to)
  move('gone:', from, to)
end

-- Byte by byte: Lua's own `<` on strings follows the server's locale.
local function before(a, b)
  for i = 1, PLACE do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return false
end

local function smaller(a, b)
  for i = 1, VERSION do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y and a or b end
  end
  return a
end

local function version_of(entry)
  local version = string.sub(entry, PLACE + 1, PLACE + VERSION)
  return version == '' and NO_VERSION or version
end

local function entry_of(at, version)
  return version == NO_VERSION and at or at .. version
end

-- Those beside the smallest claim lie in entries of equal length, each with its version.
local function put_beside(index, field, at, version)
  local name = prefix .. 'also:' .. index
  local known = redis.call('HGET', name, field) or ''
  for i = 1, #known, PLACE + VERSION do
    if string.sub(known, i, i + PLACE - 1) == at then
      local kept = smaller(string.sub(known, i + PLACE, i + PLACE + VERSION - 1), version)
      redis.call('HSET', name, field, string.sub(known, 1, i + PLACE - 1) .. kept .. string.sub(known, i + PLACE + VERSION))
      return
    end
  end
  redis.call('HSET', name, field, known .. at .. version)
end

local count = #fields / FIELD
-- Before the keys come, so that no hash is ever too long to stay a list.
while keys + count > buckets * MOST_IN_BUCKET do split() end

local sub, byte = string.sub, string.byte
local versioned = #versions > 0
local half = span / 2
local groups, indexes = {}, {}
for i = 0, count - 1 do
  local field = sub(fields, i * FIELD + 1, (i + 1) * FIELD)
  local a, b, c = byte(field, 1, 3)
  local index = (a * 65536 + b * 256 + c) % span
  if index >= buckets then index = index - half end
  local group = groups[index]
  if not group then
    group = {}
    groups[index] = group
    indexes[#indexes + 1] = index
  end
  group[#group + 1] = field
  if versioned then group[-#group] = sub(versions, i * VERSION + 1, (i + 1) * VERSION) end
end

local first = 0
for _, index in ipairs(indexes) do
  local name, group = prefix .. 'own:' .. index, groups[index]
  local found = redis.call('HMGET', name, unpack(group))
  local written, changes, changed = {}, {}, 0
  for i = 1, #group do
    local field = group[i]
    local version = versioned and group[-i] or NO_VERSION
    local mine = version == NO_VERSION and place or place .. version
    local owner = written[field] or found[i]
    local wins = true
    if owner and owner ~= mine then
      local at = sub(owner, 1, PLACE)
      if at == place then
        -- One claim names a page twice, in two versions: whatever their order, the smaller.
        mine = entry_of(place, smaller(version_of(owner), version))
      elseif before(place, at) then
        put_beside(index, field, at, version_of(owner))
      else
        put_beside(index, field, place, version)
        wins = false
      end
    end
    if wins then
      first = first + 1
      if owner ~= mine then
        written[field] = mine
        changes[changed + 1], changes[changed + 2] = field, mine
        changed = changed + 2
      end
    end
  end
  if changed > 0 then keys = keys + redis.call('HSET', name, unpack(changes)) end
end
if keys ~= old_keys or buckets ~= old_buckets then
  redis.call('HSET', prefix .. 'size', 'keys', keys, 'buckets', buckets)
end
return first
