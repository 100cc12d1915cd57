-- Takes units of a task from what a caller is owed in a period, where as many are left; what was asked for beyond is counted too. Giving back is taking fewer
-- than none.
--
-- KEYS[1]  hash of the task and period: `t:<caller>` -> units taken, `b:<caller>` -> units asked for beyond
-- ARGV[1]  the caller
-- ARGV[2]  units
-- ARGV[3]  units that the caller is owed
-- ARGV[4]  milliseconds for which the hash is kept from now on
-- returns  {1, units taken by now} or {0, units taken by now}: none were taken

local taken = tonumber(redis.call('HGET', KEYS[1], 't:' .. ARGV[1]) or '0')
local units = tonumber(ARGV[2])
local isOwed = units < 0 or taken + units <= tonumber(ARGV[3])
if isOwed then
  taken = redis.call('HINCRBY', KEYS[1], 't:' .. ARGV[1], units)
else
  redis.call('HINCRBY', KEYS[1], 'b:' .. ARGV[1], units)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return { isOwed and 1 or 0, taken }
