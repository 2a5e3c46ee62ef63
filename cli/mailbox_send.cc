#include "base/text.h"
#include "cli/command.h"
#include "cli/mailbox_order.h"
#include "cli/mailbox_view.h"
#include "cli/output.h"
#include "cli/verdict.h"
#include "mailbox/letter/letter.h"
#include "store/keys.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

namespace hongyan::cli {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);

struct Options {
  Common common;
  std::string from, from_name, tenant, id;
  std::vector<std::string> to;
  std::string subject, text, html, in_reply_to, vars;
  std::vector<std::string> attach;
  bool track_opens = false, track_clicks = false;
};

Result<std::string> read_file(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Scope::kJob, "no-file", path + ": cannot be opened for reading");
  text << file.rdbuf();
  return text.str();
}

// A name that says nothing of its content; the same is never made twice.
std::string make_id() {
  std::random_device device;
  return fmt::format("letter-{:08x}{:08x}", device(), device());
}

struct Made {
  Json document;
  std::vector<std::pair<std::string, std::string>> blobs;  // key, bytes
};

Result<Made> make_document(const Options& options, const std::string& tenant) {
  Made made{Json::object({{"v", Json::number("1")},
                          {"kind", Json::string("personal")},
                          {"id", Json::string(options.id)},
                          {"tenant", Json::string(tenant)},
                          {"mailbox", Json::string(options.from)},
                          {"subject", Json::string(options.subject)}}),
            {}};
  Json& document = made.document;
  if (options.to.size() == 1) {
    document.set("to", Json::string(options.to.front()));
  } else {
    Json list = Json::array();
    for (const std::string& one : options.to) list.push(Json::string(one));
    document.set("to", std::move(list));
  }
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) document.set(name, Json::string(value));
  };
  set("from_name", options.from_name);
  set("in_reply_to", options.in_reply_to);
  for (const auto& [name, path] : {std::pair{"text", options.text}, {"html", options.html}}) {
    if (path.empty()) continue;
    auto content = read_file(path);
    if (!content) return std::unexpected(content.error());
    document.set(name, Json::string(*std::move(content)));
  }
  if (!options.vars.empty()) {
    auto vars = parse_json(options.vars);
    if (!vars) return fail(Scope::kJob, "bad-vars", "--vars: " + vars.error().sentence());
    document.set("vars", *std::move(vars));
  }
  if (options.track_opens || options.track_clicks)
    document.set("tracking", Json::object({{"opens", Json::boolean(options.track_opens)},
                                           {"clicks", Json::boolean(options.track_clicks)}}));
  Json attachments = Json::array();
  for (const std::string& path : options.attach) {
    auto content = read_file(path);
    if (!content) return std::unexpected(content.error());
    const std::string name = path.substr(path.rfind('/') + 1);
    const std::string key = "hongyan:{" + options.id + "}:blob:" + name;
    attachments.push(Json::object({{"name", Json::string(name)}, {"key", Json::string(key)}}));
    made.blobs.emplace_back(key, *std::move(content));
  }
  if (!options.attach.empty()) document.set("attachments", std::move(attachments));
  return made;
}

// What an engine said to the entry: faults of a refusal, none when the letter waits; nothing when
// nobody has taken it.
Result<std::optional<std::vector<std::string>>> verdict_on(Session& session,
                                                           const std::string& entry,
                                                           const mailbox::Letter& letter) {
  store::MailboxStore store(session.jobs());
  const std::string address = mailbox::account_key(letter.mailbox.normalised());
  const auto until = std::chrono::steady_clock::now() + kPatience;
  do {
    const auto fields = session.run(store.load_letter(address, letter.id));
    if (!fields) return std::unexpected(fields.error());
    const auto digest = fields->find("digest");
    if (digest != fields->end() && digest->second == letter.digest)
      return std::vector<std::string>{};
    auto told = session.call(redis::Command("GET").arg(store::keys::refusal(letter.id, entry)));
    if (!told) return std::unexpected(told.error());
    if (!told->is_nil()) {
      std::vector<std::string> faults;
      if (const auto list = parse_json(told->text()))
        for (const Json& one : list->items()) faults.push_back(one.text());
      return faults;
    }
    std::this_thread::sleep_for(Millis{25});
  } while (std::chrono::steady_clock::now() < until);
  return std::nullopt;
}

int tell_refusal(const Options& options, const std::vector<std::string>& faults) {
  if (options.common.json) {
    Json list = Json::array();
    for (const std::string& one : faults) list.push(Json::string(one));
    print_json(Json::object({{"ok", Json::boolean(false)},
                             {"letter", Json::string(options.id)},
                             {"faults", std::move(list)}}));
    return kFailed;
  }
  for (const std::string& one : faults) std::cerr << escape_control(one) << '\n';
  std::cerr << "nothing was sent\n";
  return kFailed;
}

int tell_accepted(Session& session, const Options& options, const mailbox::Letter& letter) {
  const auto catalogue = mailbox::Catalogue::built_in();
  if (!catalogue) return refuse(options.common, kFailed, catalogue.error().front().sentence());
  const auto view =
      load_mailbox(session, mailbox::account_key(letter.mailbox.normalised()), *catalogue, 10);
  if (!view) return report_error(view.error(), options.common);
  std::string state = "queued";
  std::int64_t expected = 0;
  if (*view)
    for (const MailboxView::Letter& one : (*view)->letters)
      if (one.id == letter.id) {
        state = one.record.state;
        if (one.expected) expected = to_unix_ms(*one.expected);
      }
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"letter", Json::string(letter.id)},
                             {"state", Json::string(state)},
                             {"expected", json_number(expected)}}));
    return kDone;
  }
  std::cout << "letter " << letter.id << ": " << state;
  if (expected != 0) std::cout << ", expected to leave " << when(expected);
  std::cout << "\nnext: hongyan mailbox outbox " << letter.mailbox.normalised() << '\n';
  return kDone;
}

int send(Options options) {
  const Common& common = options.common;
  if (options.id.empty()) options.id = make_id();
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto tenant = tenant_of(**session, options.tenant);
  if (!tenant) return refuse(common, kUsage, tenant.error().detail);
  auto made = make_document(options, *tenant);
  if (!made) return refuse(common, kFailed, made.error().detail);
  const std::string text = to_json(made->document);
  const auto letter = mailbox::parse_letter(text);
  if (!letter) {
    std::vector<std::string> faults;
    for (const Fault& fault : letter.error()) faults.push_back(fault.sentence());
    return tell_refusal(options, faults);
  }
  for (const auto& [key, bytes] : made->blobs) {
    auto put = (*session)->call(redis::Command("SET").arg(key).arg(bytes));
    if (!put) return report_error(put.error(), common);
  }
  const auto entry = enqueue(**session, text);
  if (!entry) return report_error(entry.error(), common);
  const auto verdict = verdict_on(**session, *entry, *letter);
  if (!verdict) return report_error(verdict.error(), common);
  if (!*verdict)
    return refuse(
        common, kTryLater,
        "letter " + options.id + " is queued; no engine has taken it yet (hongyan status)");
  if (!(*verdict)->empty()) return tell_refusal(options, **verdict);
  return tell_accepted(**session, options, *letter);
}

}  // namespace

void add_mailbox_send(CLI::App& mailbox, int& exit_code) {
  CLI::App* command = mailbox.add_subcommand("send", "Write to one person from a bound mailbox");
  const auto options = std::make_shared<Options>();
  command->add_option("--from", options->from, "the bound mailbox")->required();
  command->add_option("--to", options->to, "the one recipient")->required();
  command->add_option("--subject", options->subject, "a template")->required();
  command->add_option("--text", options->text, "file with the plain text, - for standard input");
  command->add_option("--html", options->html, "file with the HTML");
  command->add_option("--attach", options->attach, "a file; may be given several times");
  command->add_option("--vars", options->vars, "what the templates write, as a JSON object");
  command->add_option("--in-reply-to", options->in_reply_to,
                      "Message-ID that is answered: '<...>'");
  command->add_flag("--track-opens", options->track_opens, "an image in the HTML tells an open");
  command->add_flag("--track-clicks", options->track_clicks, "links of the HTML tell clicks");
  command->add_option("--from-name", options->from_name, "the writer's name");
  command->add_option("--id", options->id, "the letter's id: the same twice is sent once");
  command->add_option("--tenant", options->tenant,
                      "whose mailbox it is; not needed when there is one");
  add_common(*command, options->common);
  command->footer(
      "One recipient; campaigns go through the quality channel (hongyan submit).\n"
      "Example:\n  hongyan mailbox send --from lily@163.com --to bob@acme.example --subject 'Your "
      "inquiry' --text letter.txt");
  command->callback([options, &exit_code] { exit_code = send(*options); });
}

}  // namespace hongyan::cli
