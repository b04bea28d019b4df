-- Returns one page of keys. It is a script so that a cluster asks the node that has the keys.
--
-- KEYS[1]  prefix of the keys
-- ARGV[1]  cursor
-- ARGV[2]  pattern
-- ARGV[3]  number of keys to visit
--
-- Returns the next cursor and the keys.
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
