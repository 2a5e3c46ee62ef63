#include "engine/inbound/phrases.h"

#include "base/text.h"

#include <algorithm>

namespace hongyan::inbound {
namespace {

// Lists are words between bars.
template <class Test>
bool any_of(std::string_view list, Test test) {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find('|'));
    if (test(word)) return true;
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return false;
}
bool has_any(std::string_view text, std::string_view list) {
  return any_of(list, [&](std::string_view word) { return text.contains(word); });
}
bool ends_with_any(std::string_view text, std::string_view list) {
  return any_of(list, [&](std::string_view word) { return text.ends_with(word); });
}

constexpr std::string_view kFailureSubjects =
    "undeliver|non-deliver|nondeliver|not delivered|not be delivered|not deliver|undelivered|"
    "returned mail|mail returned|returned to sender|return to sender|mail delivery fail|"
    "message delivery fail|email delivery fail|delivery fail|failed delivery|failure notice|"
    "failure notification|delivery notification|delivery status|delivery report|"
    "delivery problem|delivery error|delivery incomplete|mail delivery system|"
    "mail system error|mail error|mail failure|send failure|error sending|error mail|"
    "could not send|unable to deliver|can't deliver|cannot deliver|cannot send|rejected mail|"
    "message rejected|mail rejected|rejected:|bounce|mail could not|message status|"
    "user unknown|unknown user|host unknown|unzustellbar|nicht zustellbar|nicht zugestellt|"
    "fehlgeschlagen|non remis|non distribu|chec de la remise|non délivré|"
    "no se puede entregar|no entregado|no se pudo entregar|devuelto|"
    "não foi possível entregar|não entregue|mancato recapito|consegna non riuscita|"
    "impossibile recapitare|едостав|не доставлен|niedostarcz|onbestelbaar|退信|退回|"
    "投递失败|投遞失敗|发送失败|發送失敗|傳送失敗|传送失败|送达失败|未送达|未能送达|无法投递|"
    "无法送达|无法传递|無法傳遞|無法投遞|無法傳送|投递状态|配信不能|配信でき|配送でき|"
    "届けられ|届きません|送信エラー|エラーメール|宛先不明|반송|배달되지";

constexpr std::string_view kDelaySubjects =
    "delay|warning: could not send|could not send mail for past|"
    "could not send message for past|warning: message|still trying|not yet been delivered|"
    "verzögert|retard|retras|延迟|延遲|投递延误|遅延|задерж";

constexpr std::string_view kAbsenceSubjects =
    "out of office|out of the office|out-of-office|automatic reply|automated reply|"
    "automatic response|automated response|auto reply|auto-reply|autoreply|auto response|"
    "auto-response|autoresponse|auto:|[auto]|vacation|on holiday|on leave|away from|"
    "away message|abwesen|automatische antwort|réponse automatique|absence|"
    "respuesta automática|fuera de la oficina|risposta automatica|fuori ufficio|"
    "resposta automática|автоответ|automatisch antwoord|自动回复|自动答复|自動回覆|自動回复|"
    "自動答覆|休假|外出|出差|不在办公室|自動応答|自動返信|不在通知|부재중";

constexpr std::string_view kLeaving = "unsubscribe|退订|退訂|取消订阅|取消訂閱|td|配信停止";

constexpr std::string_view kStillTries =
    "continue to try|continue trying|continue to attempt|continue to retry|keep trying|"
    "keep on trying|still trying|still being retried|will be retried|will retry|"
    "try again later|will try again|attempts to deliver the message will continue|"
    "delivery attempts will continue|not yet been delivered|warning message only|"
    "do not need to resend|no action is required|need not resend|will keep|继续尝试|继续投递|"
    "继续重试|稍后重试|稍后再试|繼續嘗試|再送を試み|再度送信";
constexpr std::string_view kGaveUp =
    "given up|giving up|gave up|permanent|has been removed|i'm not going to try|"
    "not going to try again|will not be retried|no further|too long|retry timeout exceeded|"
    "could not be delivered for more than|放弃|不再";

constexpr std::string_view kFailureWords =
    "fail|unknown|undeliver|not deliver|n't deliver|be delivered|not be delivered|no such|"
    "not found|n't be found|does not exist|doesn't exist|not exist|invalid|reject|refus|"
    "denied|unable|could not|couldn't|cannot|can't|error|exceed|recogni|full|over quota|quota|"
    "disabled|inactive|suspended|not accept|unavailable|not available|not listed|unrouteable|"
    "returned|timed out|expired|bounced|blocked|problem|not permitted|wasn't|is not a|"
    "not a valid|no longer|too large|not reach|nicht|échou|impossible|n'existe|no existe|"
    "non esiste|не |不存在|失败|失敗|无法|無法|拒|退|超|已满|未能|未找到|找不到|错误|错|禁|"
    "停用|冻结|でき|見つか|存在しない";

constexpr std::string_view kRecipientLabels =
    "recipient|rcpt to|to|address|user|mailbox|account|for|destination|deliver|addressee|"
    "empfänger|destinataire|destinatario|destinatário|收件人|收信人|收件地址|收件者|邮箱|"
    "郵箱|信箱|邮件地址|地址|帐号|用户|账号|宛先|受信者|送信先|あて先|получатель|寄给|发送到|"
    "投递到|发给|致";

constexpr std::string_view kOthersLabels =
    "from|sender|sent by|mail from|return-path|return path|reply-to|reply to|message-id|"
    "message id|msgid|queue-id| id|contact|e-mail us|email us|mail to us|write to|notify|"
    "help|support|postmaster|administrator|question|envelope-from|envelope from|originator|"
    "on behalf of|generated from|expanded from|forwarded by|reporting|url|http:|https:|visit|"
    "发件人|發件人|寄件者|发信人|寄件人|联系|聯絡|客服|咨询|差出人|送信者|отправитель|"
    "absender|expéditeur|remitente";

// Separators of message and notice: words between dashes.
constexpr std::string_view kOriginalWords =
    "original message|original mail|returned message|undelivered message|unsent message|"
    "copy of the message|copy of your message|below this line|message header|message follows|"
    "message text|headers follow|header follow|headers of the message|message body|"
    "your message|body of message|included message|forwarded message|failed message|"
    "message contents|原邮件|原始邮件|邮件原文|原件|元のメッセージ|ursprüngliche nachricht|"
    "message d'origine|mensaje original";

std::string_view before_separator(std::string_view before) {
  before = trim_blanks(before);
  for (;;) {
    if (before.ends_with("：")) {
      before.remove_suffix(3);
    } else if (!before.empty() && std::string_view(":<([{\"'`=;,>-*").contains(before.back())) {
      before.remove_suffix(1);
    } else if (const std::string_view trimmed = trim_blanks(before); trimmed != before) {
      before = trimmed;
    } else {
      return before;
    }
  }
}

}  // namespace

bool announces_failure(std::string_view subject) {
  return has_any(subject, kFailureSubjects);
}
bool announces_delay(std::string_view subject) {
  return has_any(subject, kDelaySubjects);
}
bool announces_absence(std::string_view subject) {
  return has_any(subject, kAbsenceSubjects);
}

bool asks_to_leave(std::string_view line) {
  line = trim_blanks(line);
  for (const std::string_view prefix : {"re:", "fwd:", "fw:", "回复:", "答复:", "回复：", "答复："})
    if (line.starts_with(prefix)) line = trim_blanks(line.substr(prefix.size()));
  return any_of(kLeaving, [&](std::string_view word) {
    return line == word || (word.size() > 2 && line.starts_with(word) && line.size() < 80);
  });
}

bool still_tries(std::string_view text) {
  return has_any(text, kStillTries);
}
bool gave_up(std::string_view text) {
  return has_any(text, kGaveUp);
}
bool tells_failure(std::string_view text) {
  return has_any(text, kFailureWords);
}

bool names_recipient(std::string_view before) {
  return ends_with_any(before_separator(before), kRecipientLabels);
}

bool names_another(std::string_view before) {
  before = before_separator(before);
  if (ends_with_any(before, kOthersLabels)) return true;
  // "please contact your administrator at", "write an e-mail to"
  if (before.size() > 60) before.remove_prefix(before.size() - 60);
  constexpr std::string_view kAsks = "contact|assistance|question|help|联系";
  return has_any(before, kAsks);
}

bool begins_original(std::string_view line) {
  line = trim_blanks(line);
  if (line.size() < 8 || line.size() > 120) return false;
  const bool ruled = line.starts_with("--") || line.starts_with("==") || line.starts_with("**") ||
                     line.starts_with("__") || line.starts_with("##") || line.starts_with("- -");
  return ruled && has_any(line, kOriginalWords);
}

}  // namespace hongyan::inbound
