-- Appends a line to the log of verdicts, if it follows the last one and its note is not there yet.
--
-- KEYS[1]  stream of lines; the entry of line n is n+1
-- KEYS[2]  hash: `seq` and `hash` of the last line
-- KEYS[3]  hash: SHA-256 of a note -> its line's number
-- ARGV[1]  the line's number
-- ARGV[2]  SHA-256 of the line before; empty for the first
-- ARGV[3]  the line
-- ARGV[4]  SHA-256 of the line
-- ARGV[5]  SHA-256 of its note
-- returns  'added', 'known' where the note has a line already, 'moved' where another line came between

if redis.call('HEXISTS', KEYS[3], ARGV[5]) == 1 then return 'known' end
if (redis.call('HGET', KEYS[2], 'hash') or '') ~= ARGV[2] then return 'moved' end
redis.call('XADD', KEYS[1], tostring(tonumber(ARGV[1]) + 1) .. '-0', 'line', ARGV[3])
redis.call('HSET', KEYS[2], 'seq', ARGV[1], 'hash', ARGV[4])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[1])
return 'added'
