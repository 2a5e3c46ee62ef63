-- What of a mailbox is mailed to whom it names in `notify` (store/note_store.h): how it becomes batches. What is noted is in
-- 93_inbox.lua. Keys beside those of 92_mailbox.lua, in the same slot: hongyan:{A}:notes and hongyan:{A}:notice, the batch
-- that is being handed over.

-- KEYS mailbox. ARGV: type, data (JSON). Trouble, which no step of the store has seen.
local function note_add(keys, args)
  push_notes(mailbox_prefix(keys[1]), args[1], { args[2] })
  return 'ok'
end

-- KEYS mailbox. ARGV: ms between two mails. {number, count, to, note ...}, or {} while there is nothing to mail. What was
-- taken is given again until it is done.
local function notes_take(keys, args)
  local p = mailbox_prefix(keys[1])
  local m = load(keys[1], { 'notes', 'notice', 'notice_n', 'notice_count', 'noticed_at' }, { 'notify', 'notice_to' })
  if m.notice == 0 then
    local now = now_ms()
    if m.notify == '' then
      call('HDEL', keys[1], 'notes')
      call('UNLINK', p .. 'notes')
      return {}
    end
    if m.notes == 0 or m.noticed_at + tonumber(args[1]) > now then return {} end
    -- Above every earlier one, also after the mailbox was forgotten: it names the job.
    m.notice, m.notice_count, m.notice_to = math.max(m.notice_n + 1, now), m.notes, m.notify
    call('HDEL', keys[1], 'notes')
    call('HSET', keys[1], 'notice', int(m.notice), 'notice_n', int(m.notice), 'notice_count', int(m.notice_count),
      'notice_to', m.notice_to)
    call('RENAME', p .. 'notes', p .. 'notice')
  end
  return { m.notice, m.notice_count, m.notice_to, unpack(call('LRANGE', p .. 'notice', 0, -1)) }
end

-- KEYS mailbox. ARGV: number of the batch that has its job.
local function notes_done(keys, args)
  if call('HGET', keys[1], 'notice') ~= args[1] then return 'known' end
  call('HDEL', keys[1], 'notice', 'notice_count', 'notice_to')
  call('HSET', keys[1], 'noticed_at', int(now_ms()))
  call('UNLINK', mailbox_prefix(keys[1]) .. 'notice')
  return 'ok'
end

redis.register_function { function_name = 'h1_note_add', callback = note_add }
redis.register_function { function_name = 'h1_notes_take', callback = notes_take, flags = { 'allow-oom' } }
redis.register_function { function_name = 'h1_notes_done', callback = notes_done, flags = { 'allow-oom' } }
