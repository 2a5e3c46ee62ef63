#include "engine/job/job.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/time_text.h"
#include "embedded/job_schema.h"
#include "engine/job/canonical.h"
#include "engine/job/field_reader.h"
#include "engine/job/schema.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace hongyan::job {
namespace {

constexpr std::size_t kMaxItem = 1024 * 1024;
constexpr std::size_t kItemTarget = 256 * 1024;
constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const Schema& job_schema() {
  static const Schema schema = [] {
    auto loaded = Schema::load(embedded::docs_job_schema_json);
    if (!loaded) throw std::logic_error("docs/job.schema.json: " + loaded.error()[0].sentence());
    return std::move(*loaded);
  }();
  return schema;
}

class JobReader : private FieldReader {
 public:
  JobReader(const Json& document, const IntakePolicy& policy, Faults faults)
      : FieldReader(document, std::move(faults)), document_(document), policy_(policy) {}

  Job read();
  using FieldReader::take_faults;

 private:
  void check_template(const std::string& where, const std::string& source) {
    if (!policy_.template_fault || source.empty()) return;
    if (auto why = policy_.template_fault(source)) fault(where, *why);
  }
  std::string header_template(const Json& parent, const std::string& key,
                              std::string_view path = {}) {
    std::string value = header_text(parent, key, path);
    check_template(join_path(path, key), value);
    return value;
  }
  std::optional<std::string> body(const std::string& key) {
    const std::string* value = text(document_, key);
    if (value == nullptr) return std::nullopt;
    check_template(key, *value);
    return *value;
  }

  void tenant_and_channel(Job& job);
  void from(Job& job);
  void variants(Job& job);
  void headers(Job& job);
  void recipients(Job& job);
  void inline_list(Job& job, const Json& list);
  void window(Job& job);
  void options(Job& job);
  void unsubscribe(Job& job);

  const Json& document_;
  const IntakePolicy& policy_;
};

void JobReader::tenant_and_channel(Job& job) {
  if (const std::string* tenant = text(document_, "tenant")) {
    job.tenant = *tenant;
    if (!policy_.tenants.contains(*tenant)) {
      std::vector<std::string> known;
      for (const auto& [name, ignored] : policy_.tenants) known.push_back(name);
      const auto hint = nearest(*tenant, known);
      fault("tenant", "there is no tenant " + shown(*tenant),
            hint ? "did you mean `" + *hint + "`?" : "");
    }
  }
  const std::string* channel = text(document_, "channel");
  job.channel = channel != nullptr ? *channel : policy_.default_channel;
  if (std::ranges::find(policy_.channels, job.channel) == policy_.channels.end()) {
    const auto hint = nearest(job.channel, policy_.channels);
    fault("channel", "there is no channel " + shown(job.channel),
          hint ? "did you mean `" + *hint + "`?" : "");
  }
}

void JobReader::from(Job& job) {
  const Json* from = document_.find("from");
  if (from == nullptr) return;
  job.from_name = header_text(*from, "name", "from");
  const std::string* address = text(*from, "address", "from");
  if (address == nullptr) return;
  const auto parsed = take("from.address", parse_address(*address));
  if (!parsed) return;
  job.from = *parsed;
  const auto tenant = policy_.tenants.find(job.tenant);
  if (tenant == policy_.tenants.end()) return;
  const auto& allowed = tenant->second;
  if (std::ranges::find(allowed, job.from.domain) != allowed.end()) return;
  std::string names;
  for (const std::string& name : allowed) names += (names.empty() ? "" : ", ") + name;
  fault("from.address",
        "tenant " + shown(job.tenant) + " may not send from " + shown(job.from.domain),
        names.empty() ? "it has no From domain" : "it may use " + names);
}

void JobReader::variants(Job& job) {
  const Json* list = document_.find("variants");
  if (list == nullptr) return;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->items().size(); ++i) {
    const Json& json = list->items()[i];
    const std::string path = "variants[" + std::to_string(i) + "]";
    Variant variant;
    if (const std::string* name = text(json, "name", path)) variant.name = *name;
    if (!names.insert(variant.name).second) fault(path + ".name", "is the name of another variant");
    if (json.find("subject") != nullptr) variant.subject = header_template(json, "subject", path);
    if (const std::string* body = text(json, "text", path)) variant.text = *body;
    if (const std::string* body = text(json, "html", path)) variant.html = *body;
    job.variants.push_back(std::move(variant));
  }
}

void JobReader::headers(Job& job) {
  const Json* headers = document_.find("headers");
  if (headers == nullptr) return;
  std::set<std::string> seen;
  for (const auto& [name, value] : headers->members()) {
    const std::string where = join_path("headers", escape_control(name.substr(0, 64)));
    const std::string folded = ascii_lower(name);
    if (is_forbidden_header(name)) fault(where, "Hongyan sets this header itself");
    if (folded == "reply-to" && document_.find("reply_to") != nullptr)
      fault(where, "stands beside `reply_to`", "one of them is enough");
    if (!seen.insert(folded).second) fault(where, "is there twice");
    job.headers.emplace_back(name, header_template(*headers, name, "headers"));
  }
}

void JobReader::inline_list(Job& job, const Json& list) {
  std::string open;
  const auto close = [&] {
    if (open.empty()) return;
    const std::size_t number = job.recipients.items.size() + 1;
    job.recipients.items.push_back("{\"block\":" + std::to_string(number) + "}\n" + open);
    open.clear();
  };
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const std::string line = to_json(list.items()[i]) + "\n";
    if (line.size() + 64 > kMaxItem)
      fault("recipients.list[" + std::to_string(i) + "]", "is larger than 1 MiB");
    if (open.size() + line.size() > kItemTarget) close();
    open += line;
    ++job.recipients.count;
  }
  close();
  job.recipients.items.push_back("{\"end\":true,\"count\":" + std::to_string(job.recipients.count) +
                                 "}");
}

void JobReader::recipients(Job& job) {
  const Json* recipients = document_.find("recipients");
  if (recipients == nullptr) return;
  if (const Json* list = recipients->find("list"); list != nullptr) inline_list(job, *list);
  const std::string* key = text(*recipients, "key", "recipients");
  if (key != nullptr && !job.id.empty() && *key != recipients_key(job.id))
    fault("recipients.key", "is " + shown(*key), "it must be exactly " + recipients_key(job.id));
}

void JobReader::window(Job& job) {
  const Json* json = document_.find("window");
  if (json == nullptr) return;
  Window window;
  if (const std::string* tz = text(*json, "tz", "window")) {
    window.tz = *tz;
    if (!is_known_time_zone(*tz))
      fault("window.tz", "there is no time zone " + shown(*tz),
            "an IANA name is needed, as in Asia/Shanghai");
  }
  if (const std::string* clock = text(*json, "from", "window"))
    window.from = take("window.from", parse_clock(*clock)).value_or(window.from);
  if (const std::string* clock = text(*json, "to", "window"))
    window.to = take("window.to", parse_clock(*clock)).value_or(window.to);
  if (const Json* days = json->find("days"); days != nullptr) {
    window.days = 0;
    for (const Json& day : days->items()) {
      const auto bit = std::ranges::find(kDays, day.text()) - kDays.begin();
      window.days = static_cast<unsigned char>(window.days | 1U << bit);
    }
  }
  job.window = window;
}

void JobReader::options(Job& job) {
  if (const std::string* address = text(document_, "reply_to"))
    job.reply_to = take("reply_to", parse_address(*address));
  if (const std::string* at = text(document_, "send_at"))
    job.send_at = take("send_at", parse_rfc3339(*at));
  if (const std::string* after = text(document_, "expires_after"))
    job.expires_after = take("expires_after", parse_duration(*after));
  if (const std::string* sum = text(document_, "max_spend"))
    job.max_spend = take("max_spend", parse_yuan(*sum));
  if (const Json* priority = document_.find("priority");
      priority != nullptr && !is_faulty("priority"))
    job.priority = static_cast<int>(priority->as_double());
  if (const std::string* policy = text(document_, "in_doubt"))
    job.in_doubt = *policy == "hold" ? InDoubt::kHold : InDoubt::kResend;
  if (const Json* tracking = document_.find("tracking")) {
    const Json* opens = tracking->find("opens");
    const Json* clicks = tracking->find("clicks");
    job.track_opens = opens != nullptr && opens->is_true();
    job.track_clicks = clicks != nullptr && clicks->is_true();
  }
  if (const std::string* unknown = text(document_, "unknown_variables"))
    job.unknown_is_empty = *unknown == "empty";
  if (const std::string* type = text(document_, "report_type")) job.report_type = *type;
  if (const Json* events = document_.find("events")) job.events = events->is_true();
}

void JobReader::unsubscribe(Job& job) {
  const Json* json = document_.find("list_unsubscribe");
  if (json == nullptr) return;
  ListUnsubscribe unsubscribe;
  unsubscribe.url = header_template(*json, "url", "list_unsubscribe");
  if (const std::string* mailto = text(*json, "mailto", "list_unsubscribe"))
    if (const auto address = take("list_unsubscribe.mailto", parse_address(*mailto)))
      unsubscribe.mailto = address->normalised();
  const Json* one_click = json->find("one_click");
  unsubscribe.one_click = one_click != nullptr ? one_click->is_true() : !unsubscribe.url.empty();
  if (unsubscribe.one_click && json->find("url") == nullptr)
    fault("list_unsubscribe.one_click", "needs a url (RFC 8058)");
  job.list_unsubscribe = std::move(unsubscribe);
}

Job JobReader::read() {
  Job job;
  if (const std::string* id = text(document_, "id")) job.id = *id;
  tenant_and_channel(job);
  from(job);
  job.subject = header_template(document_, "subject");
  job.text = body("text");
  job.html = body("html");
  variants(job);
  headers(job);
  recipients(job);
  window(job);
  options(job);
  unsubscribe(job);
  job.attachments = attachments(job.id);
  if (auto canonical = canonical_json(document_))
    job.digest = sha256_hex(*canonical);
  else
    fault(canonical.error().where, canonical.error().what);
  return job;
}

}  // namespace

std::expected<Job, Faults> parse_job(std::string_view json, const IntakePolicy& policy) {
  if (json.size() > kMaxDocument)
    return std::unexpected(
        Faults{{"document", "has " + std::to_string(json.size()) + " bytes; 4 MiB is the limit",
                "long lists belong under " + recipients_key("ID")}});
  const auto document = parse_json(json);
  if (!document) return std::unexpected(Faults{document.error()});
  Faults faults = job_schema().check(*document);
  if (!document->is(Json::Kind::kObject)) return std::unexpected(std::move(faults));
  JobReader reader(*document, policy, std::move(faults));
  Job job = reader.read();
  if (Faults found = reader.take_faults(); !found.empty()) return std::unexpected(std::move(found));
  return job;
}

std::string recipients_key(std::string_view id) {
  return "hongyan:{" + std::string(id) + "}:recipients";
}

bool is_forbidden_header(std::string_view name) {
  constexpr std::string_view kNames[] = {"from",        "to",      "cc",   "bcc",
                                         "sender",      "subject", "date", "message-id",
                                         "return-path", "received"};
  constexpr std::string_view kPrefixes[] = {"mime-", "content-", "dkim-", "list-unsubscribe"};
  const std::string folded = ascii_lower(name);
  return std::ranges::find(kNames, folded) != std::end(kNames) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view p) { return folded.starts_with(p); });
}

}  // namespace hongyan::job
