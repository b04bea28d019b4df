-- The call window of a workspace: all calls of its bots, reads included, in one budget (ADR 31).
--
-- `at` is when all calls up to now are paid for, if each costs 1 / rate. A call may start while `at` is no more than
-- (burst - 1) / rate ahead of the clock. So fewer than burst + rate * T calls start in any time T; the planner chooses
-- both so that this is the limit + 1 for a T of a second and a margin: never more than the limit.
--
-- `issued` also counts the permits that the dispatcher has issued and that have not started. Deliveries without a permit
-- and reads go by `issued`, deliveries with one by `at`. A permit that is never used costs its call and nothing else.
--
-- While the window makes bots wait, it is `crowded`: a delivery without a permit parks behind them.
--
-- The hash also counts the events of the workspace by minute and by month (UTC). All fields are numbers that these
-- scripts wrote.
--
-- Expects keys.lua.
local WINDOW_FIELDS = {'at', 'issued', 'crowded', 'minute', 'events', 'before', 'month', 'monthEvents'}

-- text: `<calls a second> <burst> <workspace>`. Returns nil without a window.
local function readWindow(text, now)
  local rate, burst, id = string.match(text or '', '^([%d.]+) ([%d.]+) (.+)$')
  if not id then return nil end
  local key = windowKey(id)
  local stored = redis.call('HMGET', key, unpack(WINDOW_FIELDS))
  local window = {key = key, interval = 1000 / rate, stored = stored, crowded = tonumber(stored[3]) or 0}
  window.tolerance = (burst - 1) * window.interval
  window.at = tonumber(stored[1]) or now
  window.issued = math.max(window.at, tonumber(stored[2]) or now, now)
  local full = now + window.tolerance + window.interval
  if window.issued > full + LONGEST_RESERVATION then
    -- The clock was set back. Waiting until it catches up would stop the workspace for that long.
    window.issued, window.crowded = full, 0
    window.at = math.min(window.at, window.issued)
    redis.call('HSET', key, 'at', window.at, 'issued', window.issued, 'crowded', 0)
  end
  window.at = math.max(window.at, now)
  return window
end

-- Returns the milliseconds until a delivery with a permit may start, or the next permit or read.
local function permitWait(window, now)
  return math.max(0, math.ceil(window.at - window.tolerance - now))
end

local function windowWait(window, now)
  return math.max(0, math.ceil(window.issued - window.tolerance - now))
end

-- Takes a call that starts at `time`.
local function takeCall(window, time, hasPermit)
  window.at = math.max(window.at, time) + window.interval
  if hasPermit then window.issued = math.max(window.issued, window.at)
  else window.issued = math.max(window.issued, time) + window.interval end
  return 'at', window.at, 'issued', math.max(window.issued, window.at)
end

-- Returns the month of a time as the number 202611, in UTC. The algorithm is Hinnant's civil_from_days.
local function monthOf(now)
  local days = math.floor(now / 86400000) + 719468
  local era = math.floor(days / 146097)
  local day = days - era * 146097
  local yearOfEra = math.floor(
    (day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  local dayOfYear = day - (365 * yearOfEra + math.floor(yearOfEra / 4) - math.floor(yearOfEra / 100))
  local shifted = math.floor((5 * dayOfYear + 2) / 153)
  local month = shifted < 10 and shifted + 3 or shifted - 9
  return (yearOfEra + era * 400 + (month <= 2 and 1 or 0)) * 100 + month
end

-- Returns the counts of events as of now: this minute, the one before and this month, with their numbers.
local function readEvents(stored, now)
  local minute, month = math.floor(now / 60000), monthOf(now)
  local storedMinute, events, before = tonumber(stored[4]), tonumber(stored[5]) or 0, tonumber(stored[6]) or 0
  if storedMinute == minute - 1 then events, before = 0, events
  elseif storedMinute ~= minute then events, before = 0, 0 end
  local monthEvents = tonumber(stored[7]) == month and tonumber(stored[8]) or 0
  return {minute = minute, events = events, before = before, month = month, monthEvents = monthEvents}
end
