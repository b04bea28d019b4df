-- Shared by the scripts that move dead letters for an operator or the retention sweep.
--
-- KEYS[1]  ledger
-- KEYS[2]  base of Sluice's keys
-- KEYS[3]  prefix of the jobs
--
-- Each reads and decodes everything before its first write.
local ledger, base, jobs = KEYS[1], KEYS[2], KEYS[3]
local failed, discarded = jobs .. QUEUE_FAILED, base .. OWN_DISCARDED
--@include ledger.lua
--@include groups.lua

-- Decodes the note of an action: who, why and when.
local function readNote(text)
  local note = cjson.decode(text)
  return {who = tostring(note.who), reason = tostring(note.reason), at = assert(tonumber(note.at), 'the note has no time')}
end

-- Returns what `read(id, job)` returns for the ids from the argument `first` on; ids for which it returns nothing are
-- left out.
local function readEach(first, read)
  local found, seen = {}, {}
  for index = first, #ARGV do
    local id = ARGV[index]
    local letter = not seen[id] and read(id, jobs .. id)
    seen[id] = true
    if letter then
      letter.id, letter.job = id, jobs .. id
      found[#found + 1] = letter
    end
  end
  return found
end

-- Written in the same script, so that the audit log has exactly the actions that were carried out.
local function audit(action, by, note, field, value)
  redis.call('XADD', base .. OWN_AUDIT, 'MAXLEN', '~', AUDIT_LINES, '*', 'action', action, 'by', by,
    'who', note.who, 'reason', note.reason, field, value, 'at', note.at)
end
