-- Returns the bytes that a dead letter takes in Redis.
local function sizeOf(job)
  local size = BYTES_BESIDES
  for _, field in ipairs({FIELD_DATA, FIELD_ORIGINAL, FIELD_STACKTRACE, FIELD_FAILED_REASON}) do
    size = size + redis.call('HSTRLEN', job, field)
  end
  return size
end
