-- The breaker of one job (DESIGN 3.4), judged in the same atomic step that records an outcome, so that
-- no engine can mark another message after it has tripped. scheduler/breaker.h states the same rule;
-- a test compares the two over random histories.

local Z = 1.2815515655446004 -- one-sided 90 %
local TRIP_PERCENT = 3
local RING = 1000
local CANARY = 50

local function wilson_lower(n, bad)
  local p = bad / n
  local z2 = Z * Z
  return (p + z2 / (2 * n) - Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
end

local function breaker_trips(n, bad, recent_n, recent_bad)
  if n < 50 then return false end
  if n <= RING then return wilson_lower(n, bad) >= TRIP_PERCENT / 100 end
  if recent_bad * RING >= 51 * math.max(recent_n, RING) then return true end
  return n >= 2000 and bad * 100 >= n * TRIP_PERCENT
end

-- How many messages may be out at once, given the evidence.
local function allowed_out(n)
  return math.max(CANARY, n)
end

-- The ring of the last thousand as one call sees it: of what leaves it a stretch is read at a time, and what enters is
-- written once at the end. A read and a write for every outcome were two of five commands of a campaign.
local RING_STRETCH = 100
local function breaker_ring(p)
  return { key = p .. 'ring', fresh = {}, count = 0 }
end

-- One more outcome: bad (0|1) enters the counts and the ring.
local function breaker_count(ring, j, bad)
  local at = j.breaker_n % RING
  if j.recent_n >= RING then
    local leaves = ring.fresh[at]
    if not leaves then
      if not ring.from or at < ring.from or at >= ring.from + RING_STRETCH then
        ring.from, ring.stored = at, call('GETRANGE', ring.key, at, at + RING_STRETCH - 1)
      end
      local there = at - ring.from + 1
      leaves = string.sub(ring.stored, there, there) == '1' and 1 or 0
    end
    j.recent_bad = j.recent_bad - leaves
  else
    j.recent_n = j.recent_n + 1
  end
  if ring.count == 0 then ring.first = at end
  ring.fresh[at] = bad
  ring.count = ring.count + 1
  j.breaker_n = j.breaker_n + 1
  j.breaker_bad = j.breaker_bad + bad
  j.recent_bad = j.recent_bad + bad
end

local function breaker_save(ring)
  if ring.count == 0 then return end
  local first = ring.count < RING and ring.first or 0
  local count = math.min(ring.count, RING)
  local stretch = math.min(count, RING - first)
  call('SETRANGE', ring.key, first, table.concat(ring.fresh, '', first, first + stretch - 1))
  if stretch < count then
    call('SETRANGE', ring.key, 0, table.concat(ring.fresh, '', 0, count - stretch - 1))
  end
end

-- KEYS none. ARGV n, bad, recent_n, recent_bad: for the test that compares the two statements.
redis.register_function {
  function_name = 'h1_breaker_trips',
  callback = function(_, a)
    return breaker_trips(tonumber(a[1]), tonumber(a[2]), tonumber(a[3]), tonumber(a[4])) and 1 or 0
  end,
  flags = { 'no-writes' },
}
