-- Accounts and the ledger: one slot per tenant. Jobs report cumulative numbers, so reporting twice is harmless.

-- Lua's numbers are exact up to 2^53.
local MOST_MICRO_YUAN = 4e15

-- As people read it: "0.007", "12.50".
local function yuan(micro)
  local text = string.format('%d.%06d', math.floor(micro / 1e6), micro % 1e6)
  return (string.gsub(text, '0?0?0?0?$', ''))
end

-- KEYS account. ARGV: job, number, want, price, low. Lends an allotment, in whole prices; repeating a number lends
-- nothing more. {amount lent under that number (0: not even one price), what is left, 1 when that has just fallen
-- below low or one price}
local function lend(keys, args)
  local a = load(keys[1], { 'topped_up', 'lent', 'returned', 'low' }, {})
  local free = a.topped_up - a.lent + a.returned
  local price = tonumber(args[4])
  local last = call('HGET', keys[1], 'loan:' .. args[1])
  if last then
    local number, amount = string.match(last, '^(%d+) (%d+)$')
    if number == args[2] then return { amount, int(free), 0 } end
    -- A job takes its allotments in order: this one would never arrive.
    if tonumber(args[2]) < tonumber(number) then return { '0', int(free), 0 } end
  end
  local amount = math.min(tonumber(args[3]), free)
  amount = price > 0 and math.max(math.floor(amount / price) * price, 0) or 0
  if amount > 0 then
    call('HSET', keys[1], 'lent', int(a.lent + amount), 'loan:' .. args[1], args[2] .. ' ' .. int(amount))
  end
  local low = free - amount < math.max(tonumber(args[5]), price) and 1 or 0
  if low ~= a.low then call('HSET', keys[1], 'low', low) end
  return { int(amount), int(free - amount), low > a.low and 1 or 0 }
end

-- KEYS account. ARGV: job, amount returned in all so far.
local function take_back(keys, args)
  local before = tonumber(call('HGET', keys[1], 'back:' .. args[1]) or '0')
  local total = tonumber(args[2])
  if total > before then
    call('HSET', keys[1], 'back:' .. args[1], int(total))
    call('HINCRBY', keys[1], 'returned', int(total - before))
  end
  return 'ok'
end

-- KEYS account, entries. ARGV: ref, amount, actor. {applied 0|1, balance, why not}
local function top_up(keys, args)
  local a = load(keys[1], { 'topped_up', 'lent', 'returned' }, {})
  local known = call('HGET', keys[1], 'ref:' .. args[1])
  if known then
    if known ~= args[2] then return { 0, int(a.topped_up), 'this ref was used with the amount of ' ..
      (tonumber(known) < 0 and '-' or '') .. yuan(math.abs(tonumber(known))) .. ' yuan' } end
    return { 0, int(a.topped_up), '' }
  end
  local amount = tonumber(args[2])
  if math.abs(amount) > MOST_MICRO_YUAN or math.abs(a.topped_up + amount) > MOST_MICRO_YUAN then
    return { 0, int(a.topped_up), 'an account holds at most 4,000,000,000 yuan' }
  end
  if a.topped_up + amount - a.lent + a.returned < 0 then
    return { 0, int(a.topped_up), 'the account has only ' .. yuan(a.topped_up - a.lent + a.returned) ..
      ' yuan that are not lent or spent' }
  end
  call('HSET', keys[1], 'topped_up', int(a.topped_up + amount), 'ref:' .. args[1], args[2])
  call('RPUSH', keys[2], cjson.encode({ at = int(now_ms()), kind = amount >= 0 and 'top-up' or 'credit',
    amount_micro_yuan = args[2], actor = args[3], ref = args[1] }))
  return { 1, int(a.topped_up + amount), '' }
end

-- KEYS ledger. ARGV: job, channel, price, charge_seq, then day, messages (cumulative for job and day) pairs.
-- 1 when something changed.
local function ledger_apply(keys, args)
  local job, channel, price = args[1], args[2], args[3]
  local changed = 0
  for i = 5, #args, 2 do
    local day, total = args[i], tonumber(args[i + 1])
    local entry = 'entry|' .. day .. '|' .. job
    local known = call('HGET', keys[1], entry)
    local before = known and tonumber(string.match(known, '^(%d+)')) or 0
    if total > before then
      call('HSET', keys[1], entry, int(total) .. ' ' .. price .. ' ' .. int(now_ms()) .. ' ' .. channel)
      call('HINCRBY', keys[1], 'total|' .. day .. '|' .. price .. '|' .. channel, int(total - before))
      -- Outlives the days (retention): what billing exports must never go down.
      call('HINCRBY', keys[1], 'ever|messages|' .. channel, int(total - before))
      call('HINCRBY', keys[1], 'ever|charged|' .. channel, int((total - before) * tonumber(price)))
      changed = 1
    end
  end
  local seq = tonumber(call('HGET', keys[1], 'seq|' .. job) or '0')
  if tonumber(args[4]) > seq then call('HSET', keys[1], 'seq|' .. job, args[4]) end
  return changed
end

redis.register_function { function_name = 'h1_lend', callback = lend, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_take_back', callback = take_back, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_top_up', callback = top_up, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_ledger_apply', callback = ledger_apply, flags = { 'allow-oom' } }
