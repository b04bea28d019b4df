-- The scheduler's keys; keys.ts describes them.
--
-- Expects the local `base` (prefix of the scheduler's keys).
local dueKey, permitsKey, heldKey = base .. 'due', base .. 'turns', base .. 'held'

local function botKey(bot) return base .. 'bot:' .. bot end
local function connectionKey(connection) return base .. 'connection:' .. connection end

-- Waiting deliveries of a connection, and the connections of a bot that have any.
local function queueKey(connection) return base .. 'lane:' .. connection end
local function fairQueueKey(bot) return base .. 'lanes:' .. bot end

-- Permits of a bot that were issued and not used.
local function botPermitsKey(bot) return base .. 'turns:' .. bot end
local function permitMember(id, bot) return id .. ':' .. bot end

-- Call window of a workspace.
local function windowKey(workspace) return base .. 'window:' .. workspace end
