-- Finishes the seal that stands, if it is this one and its manifest follows the newest; of two tries at one seal the first to come counts.
--
-- KEYS[1]  the seal that stands, as JSON
-- KEYS[2]  the newest manifest, as JSON
-- KEYS[3]  list: manifests that wait for their commitment
-- KEYS[4]  hash: `rows`, `duplicates` and `seals` so far
-- ARGV[1]  the seal, as JSON
-- ARGV[2]  its manifest, as JSON; empty where all its rows were duplicates
-- ARGV[3]  the manifest's number
-- ARGV[4]  new rows
-- ARGV[5]  duplicates
-- returns  1, or 0 where nothing was changed

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then
  local head = redis.call('GET', KEYS[2])
  local newest = head and cjson.decode(head).seq or -1
  if tonumber(ARGV[3]) ~= newest + 1 then return 0 end
  redis.call('SET', KEYS[2], ARGV[2])
  redis.call('RPUSH', KEYS[3], ARGV[2])
end
redis.call('DEL', KEYS[1])
redis.call('HINCRBY', KEYS[4], 'rows', ARGV[4])
redis.call('HINCRBY', KEYS[4], 'duplicates', ARGV[5])
redis.call('HINCRBY', KEYS[4], 'seals', 1)
return 1
