-- Returns the connections with events that have no final status yet. Drops events that are too old or too many: their
-- status stays unknown.
--
-- KEYS[1]  base of Sluice's keys
-- ARGV[1]  milliseconds for which a status is awaited
-- ARGV[2]  most events of a connection
-- ARGV     connections
--
-- Returns the time in milliseconds since the epoch by Redis' clock, then for each connection with events its position
-- among the arguments, from 0, the number of its events, when its oldest one was created, and how many were dropped.
local base, maxAge, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local found = {now}
for index = 3, #ARGV do
  local key = base .. OWN_AWAITING .. ARGV[index]
  local oldest = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if oldest then
    local dropped, count = 0, redis.call('ZCARD', key)
    if oldest < now - maxAge then dropped = redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. now - maxAge) end
    if count - dropped > most then
      dropped = dropped + redis.call('ZREMRANGEBYRANK', key, 0, count - dropped - most - 1)
    end
    oldest = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]) or 0
    for _, value in ipairs({index - 3, count - dropped, oldest, dropped}) do found[#found + 1] = value end
  end
end
return found
