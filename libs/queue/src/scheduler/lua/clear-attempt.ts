/** Lua: puts the record of an attempt away, if it is still that one. KEYS: job. ARGV: when the attempt began. */
export const CLEAR = `
if redis.call('HGET', KEYS[1], 'sl:began') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'sl:began')
end
`;
