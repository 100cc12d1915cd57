-- Gives each key to the smallest claim that ever asked for it, whatever order claims come in. Running it again changes nothing.
--
-- KEYS[1]  prefix of the buckets; all buckets share its hash tag and so its slot
-- KEYS[2]  hash: claim -> number
-- KEYS[3]  hash: number -> claim
-- ARGV[1]  the claim, `block:event:registered:hotkey`
-- ARGV[2…] keys of 16 bytes
-- returns  how many of the keys the claim owns now

local block, event, registered, hotkey = string.match(ARGV[1], '^(%d+):(%d+):(%d+):(.+)$')
block, event, registered = tonumber(block), tonumber(event), tonumber(registered)

-- Byte by byte: Lua's own `<` on strings follows the server's locale.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local wins = {}
local function is_first(owner)
  if wins[owner] == nil then
    local b, e, r, h = string.match(redis.call('HGET', KEYS[3], owner), '^(%d+):(%d+):(%d+):(.+)$')
    b, e, r = tonumber(b), tonumber(e), tonumber(r)
    if block ~= b then wins[owner] = block < b
    elseif event ~= e then wins[owner] = event < e
    elseif hotkey ~= h then wins[owner] = before(hotkey, h)
    else wins[owner] = registered < r end
  end
  return wins[owner]
end

local number = redis.call('HGET', KEYS[2], ARGV[1])
if not number then
  number = tostring(redis.call('HLEN', KEYS[2]) + 1)
  redis.call('HSET', KEYS[2], ARGV[1], number)
  redis.call('HSET', KEYS[3], number, ARGV[1])
end

local owned = 0
for i = 2, #ARGV do
  local bucket = KEYS[1] .. string.format('%02x%02x', string.byte(ARGV[i], 1, 2))
  local field = string.sub(ARGV[i], 3)
  local owner = redis.call('HGET', bucket, field)
  if owner == number then
    owned = owned + 1
  elseif not owner or is_first(owner) then
    redis.call('HSET', bucket, field, number)
    owned = owned + 1
  end
end
return owned
