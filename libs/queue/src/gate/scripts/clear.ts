/**
 * Lua: puts the record of an attempt away, if it is still that one. KEYS: job. ARGV: when the attempt began, or
 * nothing for whatever is there.
 */
export const CLEAR = `
if ARGV[1] == '' or redis.call('HGET', KEYS[1], 'sl:began') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'sl:began')
end
`;
