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

-- One more outcome: bad (0|1) enters the counts and the ring of the last thousand.
local function breaker_count(p, j, bad)
  local at = j.breaker_n % RING
  if j.recent_n >= RING then
    if call('GETRANGE', p .. 'ring', at, at) == '1' then j.recent_bad = j.recent_bad - 1 end
  else
    j.recent_n = j.recent_n + 1
  end
  call('SETRANGE', p .. 'ring', at, bad)
  j.breaker_n = j.breaker_n + 1
  j.breaker_bad = j.breaker_bad + bad
  j.recent_bad = j.recent_bad + bad
end

-- KEYS none. ARGV n, bad, recent_n, recent_bad: for the test that compares the two statements.
redis.register_function {
  function_name = 'h1_breaker_trips',
  callback = function(_, a)
    return breaker_trips(tonumber(a[1]), tonumber(a[2]), tonumber(a[3]), tonumber(a[4])) and 1 or 0
  end,
  flags = { 'no-writes' },
}
