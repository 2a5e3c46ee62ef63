-- Sources that receivers do not know yet: a cap for each day and provider, leased like tokens (scheduler/warmup.h).
--
-- One field per provider: what was so at the last change, blanks between:
--   start (as configured)  date (days since it, 1: itself)  day (of the curve)  cap (-1: warm)  sent  answered  bad
--   refused  verdict (0 good, 1 hold, 2 step back, 3 stop: the worst of the day)  complaints

local WARMUP_STEPS = { [0] = 1, 0, -1, -1 }
local WARMUP_IDLE_DAYS = 30
local WARMUP_KEPT_SECONDS = 400 * 24 * 3600

-- KEYS source's warm-up. ARGV: provider, start, today's date as above, when it ends (ms), wanted, given back, answered,
-- bad, refused, verdict, then the caps of the curve and, from engines that count them, "complaints=N". {granted, day, cap,
-- sent, answered, bad, refused, verdict, complaints}
local function warmup(keys, args)
  local provider, start = args[1], args[2]
  local n = {}
  local more_complaints = string.match(args[#args], '^complaints=(%d+)$')
  local curve_days = #args - 10 - (more_complaints and 1 or 0)
  for i = 3, 10 do n[i] = tonumber(args[i]) end
  local today, returned = n[3], n[6]
  -- The engine asked before midnight by its clock, but ours is behind it: what it gives back was yesterday's.
  if now_ms() >= n[4] then today, returned = today + 1, 0 end
  if today < 1 then return { 0, 0, 0, 0, 0, 0, 0, 0, 0 } end
  local was = {}
  for value in string.gmatch(call('HGET', keys[1], provider) or '', '%S+') do was[#was + 1] = value end
  for i = 2, #was do was[i] = tonumber(was[i]) end
  local date, day, sent, answered, bad, refused, verdict = was[2], was[3], was[5], was[6], was[7], was[8], was[9]
  local complaints = was[10] or 0
  if was[1] ~= start then
    date, day = today, today
    sent, answered, bad, refused, verdict, complaints = 0, 0, 0, 0, 0, 0
  elseif today > date then
    if today - date > WARMUP_IDLE_DAYS then
      day = 1
    elseif sent > 0 then
      day = math.max(1, day + WARMUP_STEPS[verdict])
    end
    date = today
    sent, answered, bad, refused, verdict, complaints = 0, 0, 0, 0, 0, 0
  end
  local cap = day > curve_days and -1 or tonumber(args[10 + day])
  sent = math.max(0, sent - returned)
  answered, bad, refused = answered + n[7], bad + n[8], refused + n[9]
  complaints = complaints + tonumber(more_complaints or '0')
  verdict = math.max(verdict, n[10])
  local granted = n[5]
  if cap >= 0 then
    local left = math.max(0, verdict == 3 and 0 or cap - sent)
    -- Shorter leases towards the end: what a dying engine holds is lost to the day, and lanes may share it.
    granted = math.min(granted, left, math.max(4, math.ceil(left / 4)))
  end
  sent = sent + granted
  call('HSET', keys[1], provider, table.concat({ start, int(date), int(day), int(cap), int(sent), int(answered),
    int(bad), int(refused), int(verdict), int(complaints) }, ' '))
  call('EXPIRE', keys[1], WARMUP_KEPT_SECONDS)
  return { granted, day, cap, sent, answered, bad, refused, verdict, complaints }
end

redis.register_function { function_name = 'h1_warmup', callback = warmup, flags = { 'allow-oom' } }
