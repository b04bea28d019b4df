-- Returns the bytes that a dead letter takes in Redis.
local function sizeOf(job)
  local size = BYTES_BESIDES
  for _, field in ipairs({FIELD_DATA, FIELD_ORIGINAL, FIELD_STACKTRACE}) do
    size = size + redis.call('HSTRLEN', job, field)
  end
  -- Earlier versions wrote the failure as the failed reason, which is short otherwise.
  local failure = redis.call('HSTRLEN', job, FIELD_FAILURE)
  return size + (failure > 0 and failure or redis.call('HSTRLEN', job, FIELD_FAILED_REASON))
end
