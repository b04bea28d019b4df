/**
 * Lua: when the first in the lane of each connection was received, in milliseconds since the epoch; '' where none is.
 *
 * KEYS: base of the gate, prefix of the deliveries. ARGV: connections.
 */
export const OLDEST_IN_LANES = `
local base, jobs = KEYS[1], KEYS[2]
local oldest = {}
for index, connection in ipairs(ARGV) do
  local first = redis.call('ZRANGE', base .. 'lane:' .. connection, 0, 0)[1]
  oldest[index] = first and redis.call('HGET', jobs .. first, 'timestamp') or ''
end
return oldest
`;
